package io.caisson.alloc;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Known leaks that a {@link LeakDetectingAllocator} says nothing of.
 *
 * <p>A leak is suppressed if any frame of the stack that allocated it matches any pattern. A
 * pattern is {@code class.method} with the full name of the class, in which {@code *} stands for
 * any characters, as in {@code com.example.*.warmUp}. In a file there is one on a line; {@code #}
 * starts a comment; blank lines mean nothing. A leak without a stack is never suppressed.
 *
 * <p>Immutable.
 */
public final class LeakSuppressions {

  /** Suppresses nothing. */
  public static final LeakSuppressions NONE = new LeakSuppressions(List.of());

  private static final Pattern WELL_FORMED =
      Pattern.compile(
          "[\\p{javaJavaIdentifierPart}*<>/-]+(\\.[\\p{javaJavaIdentifierPart}*<>-]+)+");

  private final List<Pattern> patterns;

  private LeakSuppressions(List<Pattern> patterns) {
    this.patterns = List.copyOf(patterns);
  }

  /**
   * Reads patterns from lines.
   *
   * @param source what to call the lines in messages, as the name of their file
   * @param lines the lines
   * @return the suppressions
   * @throws IllegalArgumentException if a line is malformed; the message names it and the source
   */
  public static LeakSuppressions parse(String source, List<String> lines) {
    List<Pattern> patterns = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      int comment = line.indexOf('#');
      String text = (comment < 0 ? line : line.substring(0, comment)).strip();
      if (text.isEmpty()) {
        continue;
      }
      if (!WELL_FORMED.matcher(text).matches()) {
        throw new IllegalArgumentException(
            "%s:%d: '%s' is no suppression; expected class.method, with * for any characters"
                .formatted(source, i + 1, text));
      }
      patterns.add(Pattern.compile(Pattern.quote(text).replace("*", "\\E.*\\Q")));
    }
    return new LeakSuppressions(patterns);
  }

  /**
   * Reads patterns from a file in UTF-8.
   *
   * @param file the file
   * @return the suppressions
   * @throws IllegalArgumentException if a line is malformed; the message names file and line
   * @throws UncheckedIOException if the file cannot be read
   */
  public static LeakSuppressions load(Path file) {
    try {
      return parse(file.toString(), Files.readAllLines(file, UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read suppressions from " + file, e);
    }
  }

  /**
   * Says whether a leak is suppressed.
   *
   * @param stack the stack that allocated it
   * @return whether any frame matches any pattern
   */
  public boolean matches(StackTraceElement[] stack) {
    if (patterns.isEmpty()) {
      return false;
    }
    for (StackTraceElement frame : stack) {
      String name = frame.getClassName() + "." + frame.getMethodName();
      for (Pattern pattern : patterns) {
        if (pattern.matcher(name).matches()) {
          return true;
        }
      }
    }
    return false;
  }
}
