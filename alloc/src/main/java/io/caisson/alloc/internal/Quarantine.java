package io.caisson.alloc.internal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

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

  /** What the book of a block costs, so that many small ones are bounded too. */
  private static final long ENTRY_BYTES = 64;

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

  private record Held(Object owner, long address, long byteSize, Release release) {

    void giveUp() {
      release.release(address, byteSize);
    }
  }

  /**
   * Takes a freed block in, and gives up the oldest ones that no longer fit.
   *
   * @param owner the allocator that it is from
   * @param address its address
   * @param byteSize its size in bytes
   * @param release what gives it up; called by any thread, with no lock held
   */
  public static void add(Object owner, long address, long byteSize, Release release) {
    List<Held> evicted = new ArrayList<>();
    synchronized (HELD) {
      HELD.add(new Held(owner, address, byteSize, release));
      heldBytes += byteSize + ENTRY_BYTES;
      while (heldBytes > LIMIT) {
        Held oldest = HELD.remove();
        heldBytes -= oldest.byteSize + ENTRY_BYTES;
        evicted.add(oldest);
      }
    }
    evicted.forEach(Held::giveUp);
  }

  /**
   * Returns how many blocks of an allocator are held.
   *
   * @param owner the allocator
   * @return their number
   */
  public static long size(Object owner) {
    synchronized (HELD) {
      return HELD.stream().filter(held -> held.owner == owner).count();
    }
  }

  /**
   * Gives up every block of an allocator at once.
   *
   * @param owner the allocator
   */
  public static void giveUpAll(Object owner) {
    forget(owner).forEach(Held::giveUp);
  }

  /**
   * Drops every block of an allocator that has released its memory some other way.
   *
   * @param owner the allocator
   */
  public static void drop(Object owner) {
    forget(owner);
  }

  private static List<Held> forget(Object owner) {
    List<Held> forgotten = new ArrayList<>();
    synchronized (HELD) {
      HELD.removeIf(held -> held.owner == owner && forgotten.add(held));
      forgotten.forEach(held -> heldBytes -= held.byteSize + ENTRY_BYTES);
    }
    return forgotten;
  }
}
