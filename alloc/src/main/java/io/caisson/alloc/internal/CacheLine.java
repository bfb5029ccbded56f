package io.caisson.alloc.internal;

import java.util.Locale;

/**
 * The size of a cache line: what blocks are kept apart by so that two threads do not write one
 * line.
 */
public final class CacheLine {

  private static final Setting SETTING = new Setting("caisson.cache-line", "CAISSON_CACHE_LINE");

  private static final long LEAST = 16;
  private static final long MOST = 4096;

  /** The size of a cache line in bytes, a power of two. */
  public static final long BYTE_SIZE = configured();

  private CacheLine() {}

  private static long configured() {
    long byteSize =
        SETTING.byteSize(usual(System.getProperty("os.name"), System.getProperty("os.arch")));
    if (byteSize < LEAST || byteSize > MOST || Long.bitCount(byteSize) != 1) {
      throw new IllegalArgumentException(
          SETTING.source()
              + " is "
              + byteSize
              + "; expected a power of two from "
              + LEAST
              + " to "
              + MOST);
    }
    return byteSize;
  }

  /** Apple's own processors have lines of 128 bytes; all others that the JDK runs on, of 64. */
  static long usual(String osName, String osArch) {
    boolean apple = osName.toLowerCase(Locale.ROOT).startsWith("mac") && osArch.equals("aarch64");
    return apple ? 128 : 64;
  }

  /**
   * Rounds a size up to whole cache lines.
   *
   * @param byteSize the size in bytes, not negative
   * @return the least multiple of a line that is not below it; negative if that is past {@link
   *     Long#MAX_VALUE}
   */
  public static long roundUp(long byteSize) {
    return BlockArguments.alignUp(byteSize, BYTE_SIZE);
  }
}
