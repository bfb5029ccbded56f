package io.caisson.collections;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Gives a component of a record the size that a {@link RecordCodec} keeps for it.
 *
 * <p>A {@code byte[]} has exactly that many bytes. A {@link String} has at most that many in UTF-8;
 * zeros follow what it has, so it must not end with the character U+0000.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface FixedLength {
  /**
   * Returns the size.
   *
   * @return the size in bytes, at least 1
   */
  int value();
}
