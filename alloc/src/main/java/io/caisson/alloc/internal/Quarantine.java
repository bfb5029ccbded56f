package io.caisson.alloc.internal;

import java.util.ArrayDeque;

/**
 * Holds freed blocks back for a while in checked mode, so that their addresses are not handed out
 * again before a use after free had a chance to show.
 *
 * <p>First in, first out, bounded by the bytes it holds. Thread-safe.
 */
public final class Quarantine {

  /** Bounds the bytes held; 0 gives every block up at once. */
  private static final Setting LIMIT_SETTING =
      new Setting("caisson.checked.quarantine", "CAISSON_CHECKED_QUARANTINE");

  private static final long LIMIT = LIMIT_SETTING.byteSize(32 << 20);

  private static final ArrayDeque<Held> HELD = new ArrayDeque<>();
  private static long heldBytes;

  private Quarantine() {}

  /** Gives a block up for good. */
  @FunctionalInterface
  public interface Release {
    /**
     * Gives a block up.
     *
     * @param address its address
     * @param byteSize its size in bytes
     */
    void release(long address, long byteSize);
  }

  private record Held(long address, long byteSize, Release release) {}

  /**
   * Takes a freed block in, and gives up the oldest ones that no longer fit.
   *
   * @param address its address
   * @param byteSize its size in bytes
   * @param release what gives it up
   */
  public static void add(long address, long byteSize, Release release) {
    synchronized (HELD) {
      HELD.add(new Held(address, byteSize, release));
      heldBytes += byteSize;
      while (heldBytes > LIMIT) {
        Held oldest = HELD.remove();
        heldBytes -= oldest.byteSize;
        oldest.release.release(oldest.address, oldest.byteSize);
      }
    }
  }
}
