package io.caisson.alloc.internal.events;

import io.caisson.alloc.internal.Setting;
import org.jspecify.annotations.Nullable;

/**
 * Tells the Flight Recorder of what happens to memory, if there is one and it listens.
 *
 * <p>Thread-safe. Without the module {@code jdk.jfr} nothing is done and no class of it is loaded.
 */
public final class MemoryEvents {

  private static final boolean PRESENT = isPresent();
  private static final long DEFAULT_LARGE = 1 << 20;

  private static final Setting LARGE = new Setting("caisson.jfr.large", "CAISSON_JFR_LARGE");

  private MemoryEvents() {}

  private static boolean isPresent() {
    try {
      Class.forName("jdk.jfr.Event", false, MemoryEvents.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  /**
   * Returns from how many bytes on the allocation and the free of a block are worth an event.
   *
   * @return the setting {@code caisson.jfr.large}, 1 MiB if it is not set; without a recorder, more
   *     than any block has
   * @throws IllegalArgumentException if the setting is malformed; the message names it
   */
  public static long largeByteSize() {
    long large = LARGE.positiveByteSize(DEFAULT_LARGE);
    return PRESENT ? large : Long.MAX_VALUE;
  }

  /**
   * Notes that an allocator has taken a chunk from its parent, to cut up.
   *
   * @param allocator the name of the allocator
   * @param address the address of the chunk
   * @param byteSize its size in bytes
   */
  public static void chunk(String allocator, long address, long byteSize) {
    if (PRESENT) {
      Recorder.chunk(allocator, address, byteSize);
    }
  }

  /**
   * Notes that a large block was allocated, or has moved or grown.
   *
   * @param allocator the name of the allocator
   * @param address the address of the block
   * @param byteSize its size in bytes
   */
  public static void allocated(String allocator, long address, long byteSize) {
    if (PRESENT) {
      Recorder.allocated(allocator, address, byteSize);
    }
  }

  /**
   * Notes that a large block was freed, or has moved or shrunk.
   *
   * @param allocator the name of the allocator
   * @param address the address that the block had
   * @param byteSize its size in bytes
   */
  public static void freed(String allocator, long address, long byteSize) {
    if (PRESENT) {
      Recorder.freed(allocator, address, byteSize);
    }
  }

  /**
   * Notes that a budget has refused a request.
   *
   * @param budget the name of the budget
   * @param requested what it was asked for, in bytes
   * @param used what was used of it, in bytes
   * @param limit its limit in bytes
   */
  public static void refused(String budget, long requested, long used, long limit) {
    if (PRESENT) {
      Recorder.refused(budget, requested, used, limit);
    }
  }

  /**
   * Notes that a block was found to be leaked.
   *
   * @param allocator the name of the allocator
   * @param address the address of the block
   * @param byteSize its size in bytes
   * @param allocation where it was allocated, or null if that is not known
   */
  public static void leaked(
      String allocator, long address, long byteSize, @Nullable Throwable allocation) {
    if (PRESENT) {
      Recorder.leaked(allocator, address, byteSize, allocation);
    }
  }

  /** What links to {@code jdk.jfr}; loaded only if that is present. */
  private static final class Recorder {
    private Recorder() {}

    static void chunk(String allocator, long address, long byteSize) {
      ChunkEvent event = new ChunkEvent();
      if (event.shouldCommit()) {
        event.allocator = allocator;
        event.address = address;
        event.byteSize = byteSize;
        event.commit();
      }
    }

    static void allocated(String allocator, long address, long byteSize) {
      LargeAllocationEvent event = new LargeAllocationEvent();
      if (event.shouldCommit()) {
        event.allocator = allocator;
        event.address = address;
        event.byteSize = byteSize;
        event.commit();
      }
    }

    static void freed(String allocator, long address, long byteSize) {
      LargeFreeEvent event = new LargeFreeEvent();
      if (event.shouldCommit()) {
        event.allocator = allocator;
        event.address = address;
        event.byteSize = byteSize;
        event.commit();
      }
    }

    static void refused(String budget, long requested, long used, long limit) {
      BudgetRefusalEvent event = new BudgetRefusalEvent();
      if (event.shouldCommit()) {
        event.budget = budget;
        event.requested = requested;
        event.used = used;
        event.limit = limit;
        event.commit();
      }
    }

    static void leaked(
        String allocator, long address, long byteSize, @Nullable Throwable allocation) {
      LeakEvent event = new LeakEvent();
      if (event.shouldCommit()) {
        event.allocator = allocator;
        event.address = address;
        event.byteSize = byteSize;
        event.allocation = allocation == null ? null : stack(allocation);
        event.commit();
      }
    }

    private static String stack(Throwable allocation) {
      StringBuilder text = new StringBuilder();
      for (StackTraceElement frame : allocation.getStackTrace()) {
        text.append(frame).append('\n');
      }
      return text.toString();
    }
  }
}
