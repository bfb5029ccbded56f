package io.caisson.alloc.internal;

import io.caisson.alloc.CheckedMemoryException;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Reads and writes what an allocator keeps for itself in the memory that it manages: headers, and
 * links in blocks that are free.
 *
 * <p>Such memory is in no live block, so in checked mode {@link Memory} would refuse it. Here an
 * access must lie in a region that an allocator {@linkplain #register registered}, and nothing more
 * is checked: so only allocators use this class. All addresses are aligned to the size of what is
 * accessed. Thread-safe in so far as its callers order their accesses.
 */
public final class MetadataMemory {

  /** Whether an access is looked at, to be refused in simulated mode: there is no region. */
  private static final boolean CHECKED = Memory.MODE != MemoryMode.NATIVE;

  private static final ValueLayout.OfLong UNALIGNED_LONG = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

  /**
   * From the start of each region to its end. Regions nest, when an allocator takes memory from
   * another that keeps metadata; several that start at one address are in the order registered.
   */
  private static final ConcurrentSkipListMap<Long, long[]> REGIONS = new ConcurrentSkipListMap<>();

  private MetadataMemory() {}

  /**
   * Registers a region in which an allocator keeps metadata.
   *
   * @param address its start
   * @param byteSize its size in bytes
   */
  public static void register(long address, long byteSize) {
    if (CHECKED) {
      REGIONS.merge(address, new long[] {address + byteSize}, MetadataMemory::join);
    }
  }

  private static long[] join(long[] earlier, long[] later) {
    long[] ends = Arrays.copyOf(earlier, earlier.length + 1);
    ends[earlier.length] = later[0];
    return ends;
  }

  /**
   * Strikes a region off, before its memory is given up: of several that start there the one
   * registered last.
   *
   * @param address its start
   */
  public static void unregister(long address) {
    if (CHECKED) {
      REGIONS.computeIfPresent(
          address, (start, ends) -> ends.length == 1 ? null : Arrays.copyOf(ends, ends.length - 1));
    }
  }

  private static void check(long address) {
    if (Memory.SIMULATED) {
      throw SimulatedMemory.unsupported("an allocator that keeps metadata in native memory");
    }
    for (Map.Entry<Long, long[]> region = REGIONS.floorEntry(address);
        region != null;
        region = REGIONS.lowerEntry(region.getKey())) {
      for (long end : region.getValue()) {
        if (address + Long.BYTES <= end) {
          return;
        }
      }
    }
    throw new CheckedMemoryException(
        "access to metadata at 0x" + Long.toHexString(address) + ", which is in no region",
        null,
        null);
  }

  /**
   * Reads a long.
   *
   * @param address where it is
   * @return the long
   */
  public static long getLong(long address) {
    if (CHECKED) {
      check(address);
    }
    return Memory.ALL.get(UNALIGNED_LONG, address);
  }

  /**
   * Writes a long.
   *
   * @param address where it goes
   * @param value the long
   */
  public static void putLong(long address, long value) {
    if (CHECKED) {
      check(address);
    }
    Memory.ALL.set(UNALIGNED_LONG, address, value);
  }

  /**
   * Reads a long with opaque semantics.
   *
   * @param address where it is
   * @return the long
   */
  public static long getLongOpaque(long address) {
    if (CHECKED) {
      check(address);
    }
    return (long) LONG.getOpaque(Memory.ALL, address);
  }

  /**
   * Writes a long with opaque semantics.
   *
   * @param address where it goes
   * @param value the long
   */
  public static void putLongOpaque(long address, long value) {
    if (CHECKED) {
      check(address);
    }
    LONG.setOpaque(Memory.ALL, address, value);
  }

  /**
   * Reads a long with acquire semantics.
   *
   * @param address where it is
   * @return the long
   */
  public static long getLongAcquire(long address) {
    if (CHECKED) {
      check(address);
    }
    return (long) LONG.getAcquire(Memory.ALL, address);
  }

  /**
   * Writes a long with release semantics.
   *
   * @param address where it goes
   * @param value the long
   */
  public static void putLongRelease(long address, long value) {
    if (CHECKED) {
      check(address);
    }
    LONG.setRelease(Memory.ALL, address, value);
  }

  /**
   * Replaces a long if it is the expected one, with volatile semantics.
   *
   * @param address where it is
   * @param expected what it must be
   * @param value what it becomes
   * @return whether it was replaced
   */
  public static boolean compareAndSetLong(long address, long expected, long value) {
    if (CHECKED) {
      check(address);
    }
    return LONG.compareAndSet(Memory.ALL, address, expected, value);
  }

  /**
   * Replaces a long, with volatile semantics.
   *
   * @param address where it is
   * @param value what it becomes
   * @return what it was
   */
  public static long getAndSetLong(long address, long value) {
    if (CHECKED) {
      check(address);
    }
    return (long) LONG.getAndSet(Memory.ALL, address, value);
  }

  /**
   * Adds to a long, with volatile semantics.
   *
   * @param address where it is
   * @param delta what to add
   * @return what it was
   */
  public static long getAndAddLong(long address, long delta) {
    if (CHECKED) {
      check(address);
    }
    return (long) LONG.getAndAdd(Memory.ALL, address, delta);
  }
}
