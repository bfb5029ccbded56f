package io.caisson.alloc;

import java.util.Arrays;
import java.util.Locale;

/** How closely a {@link LeakDetectingAllocator} looks. */
public enum LeakLevel {
  /** Not at all. */
  DISABLED,

  /** At one block in some, its address and size. */
  SIMPLE,

  /** At one block in some, with the stack that allocated it. */
  ADVANCED,

  /** At every block, with its stack; and at every free, for whether it is right. */
  PARANOID;

  /**
   * Returns the level that a text names.
   *
   * @param text the name of a level, in either case
   * @return that level
   * @throws IllegalArgumentException if no level has that name
   */
  public static LeakLevel parse(String text) {
    for (LeakLevel level : values()) {
      if (level.name().equalsIgnoreCase(text)) {
        return level;
      }
    }
    throw new IllegalArgumentException(
        "leak level '" + text + "'; expected one of " + Arrays.toString(values()));
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
