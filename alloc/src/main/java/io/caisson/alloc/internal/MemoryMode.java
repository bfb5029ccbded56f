package io.caisson.alloc.internal;

import java.util.Locale;

/** How {@link Memory} treats an access; chosen once for a JVM, by {@code -Dcaisson.memory=}. */
public enum MemoryMode {
  /** Direct access. A stray address is undefined behaviour, as it is in C. */
  NATIVE,

  /**
   * Every access must lie inside one live block; a stray one throws, naming the block it missed.
   */
  CHECKED,

  /**
   * Memory is on the Java heap, where a model checker sees it: see {@link SimulatedMemory}. There
   * is no native memory, and no allocator but a simulated one and those on top of it.
   */
  SIMULATED;

  /** The setting that chooses the mode. */
  static final Setting SETTING = new Setting("caisson.memory", "CAISSON_MEMORY");

  /**
   * Returns the mode that a setting names.
   *
   * @param setting the name of a mode in lower case
   * @return that mode
   * @throws IllegalArgumentException if no mode has that name
   */
  static MemoryMode parse(String setting) {
    for (MemoryMode mode : values()) {
      if (mode.toString().equals(setting)) {
        return mode;
      }
    }
    throw new IllegalArgumentException(
        "memory mode '"
            + setting
            + "' ("
            + SETTING.property()
            + "); expected native, checked or simulated");
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
