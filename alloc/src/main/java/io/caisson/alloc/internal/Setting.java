package io.caisson.alloc.internal;

import io.caisson.alloc.ByteSize;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One setting of the library: a system property, or else the first of some environment variables.
 *
 * @param property the name of the property
 * @param environment the names of the variables, in order
 */
public record Setting(String property, List<String> environment) {

  /**
   * Creates a setting.
   *
   * @param property the name of the property
   * @param environment the names of the variables, in order
   */
  public Setting(String property, String... environment) {
    this(property, List.of(environment));
  }

  /**
   * Returns the name under which the setting was found.
   *
   * @return the name of the property or variable that is set, or null if none is
   */
  @Nullable String source() {
    if (System.getProperty(property) != null) {
      return property;
    }
    for (String variable : environment) {
      if (System.getenv(variable) != null) {
        return variable;
      }
    }
    return null;
  }

  /**
   * Returns the text that the setting has.
   *
   * @return the text, or null if it is not set
   */
  public @Nullable String text() {
    String source = source();
    if (source == null) {
      return null;
    }
    return source.equals(property) ? System.getProperty(property) : System.getenv(source);
  }

  /**
   * Returns the setting as a number of bytes.
   *
   * @param otherwise what to return if it is not set
   * @return the number of bytes
   * @throws IllegalArgumentException if it is set to anything else; the message names it
   */
  public long byteSize(long otherwise) {
    String text = text();
    if (text == null) {
      return otherwise;
    }
    try {
      return ByteSize.parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(source() + ": " + e.getMessage(), e);
    }
  }

  /**
   * Returns the setting as a number of bytes that is not 0.
   *
   * @param otherwise what to return if it is not set
   * @return the number of bytes
   * @throws IllegalArgumentException if it is set to anything else; the message names it
   */
  public long positiveByteSize(long otherwise) {
    long byteSize = byteSize(otherwise);
    if (byteSize == 0) {
      throw expected("at least 1 byte");
    }
    return byteSize;
  }

  /**
   * Returns the setting as a count that is not 0.
   *
   * @param otherwise what to return if it is not set
   * @return the count, at least 1
   * @throws IllegalArgumentException if it is set to anything else; the message names it
   */
  public int positiveCount(int otherwise) {
    long count = count(otherwise);
    if (count < 1 || count > Integer.MAX_VALUE) {
      throw expected("a number from 1 to " + Integer.MAX_VALUE);
    }
    return (int) count;
  }

  /**
   * Returns the setting as a percentage.
   *
   * @param otherwise what to return if it is not set
   * @return the percentage, from 1 to 100
   * @throws IllegalArgumentException if it is set to anything else; the message names it
   */
  public int percent(int otherwise) {
    long percent = count(otherwise);
    if (percent < 1 || percent > 100) {
      throw expected("a percentage from 1 to 100");
    }
    return (int) percent;
  }

  /**
   * Returns the setting as a yes or no.
   *
   * @param otherwise what to return if it is not set
   * @return true for {@code true}, {@code yes}, {@code on} and {@code 1}; false for {@code false},
   *     {@code no}, {@code off} and {@code 0}; in either case
   * @throws IllegalArgumentException if it is set to anything else; the message names it
   */
  public boolean flag(boolean otherwise) {
    String text = text();
    if (text == null) {
      return otherwise;
    }
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "true", "yes", "on", "1" -> true;
      case "false", "no", "off", "0" -> false;
      default -> throw expected("true or false");
    };
  }

  private IllegalArgumentException expected(String what) {
    return new IllegalArgumentException(source() + " is '" + text() + "'; expected " + what);
  }

  /**
   * Returns the setting as a count.
   *
   * @param otherwise what to return if it is not set
   * @return the count, not negative
   * @throws IllegalArgumentException if it is set to anything else; the message names it
   */
  public long count(long otherwise) {
    String text = text();
    if (text == null) {
      return otherwise;
    }
    try {
      long count = Long.parseLong(text.strip());
      if (count >= 0) {
        return count;
      }
    } catch (NumberFormatException e) {
      // falls through to the one message
    }
    throw expected("a number that is not negative");
  }

  /**
   * Returns the setting as something else than a number.
   *
   * @param <T> what it is
   * @param otherwise what to return if it is not set
   * @param parser what reads its text, or throws {@link IllegalArgumentException}
   * @return what the parser made of it
   * @throws IllegalArgumentException if the parser does not take it; the message names the setting
   */
  public <T> T parsed(T otherwise, Function<String, T> parser) {
    String text = text();
    if (text == null) {
      return otherwise;
    }
    try {
      return parser.apply(text.strip());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(source() + ": " + e.getMessage(), e);
    }
  }
}
