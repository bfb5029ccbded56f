package io.caisson.alloc.internal;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * What a guard allocator writes around its blocks and into them, and finds written over.
 *
 * <p>It touches memory that in checked mode is in no live block, so it goes past {@link Memory}'s
 * checks: only addresses of blocks that the caller holds may be passed. Immutable.
 */
public final class GuardLayout {

  /*
   * base                                        address            address + byteSize
   * |                                           |                  |
   * | padding | header | red zone: 0xFD 0xFD ... | block            | red zone: 0xFD 0xFD ... |
   *
   * base and address have the block's alignment; the padding makes up for it, and nobody looks at
   * it. The header is for whoever looks at the memory in a debugger, and belongs to the guarded
   * bytes: the book knows what it must say. Nothing is ever decided by what it does say. It is not
   * next to the block because it holds many zeros, and zeros are what strays most.
   */

  /** The content of a block that was allocated and not yet written. */
  public static final byte FRESH = (byte) 0xCD;

  /** The content of a block that was freed. */
  public static final byte FREED = (byte) 0xDD;

  /** The content of a red zone. */
  public static final byte RED_ZONE = (byte) 0xFD;

  /** What {@link #damage} returns if there is none. */
  public static final long NONE = Long.MIN_VALUE;

  /** "CAISSON+" and "CAISSON-" in memory. */
  private static final long LIVE_MAGIC = 0x2B4E_4F53_5349_4143L;

  private static final long FREED_MAGIC = 0x2D4E_4F53_5349_4143L;

  // Little-endian everywhere, so that the lowest bit that differs is in the first byte that does.
  private static final ValueLayout.OfLong WORD =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  static final StructLayout HEADER =
      MemoryLayout.structLayout(
          WORD.withName("magic"),
          WORD.withName("byteSize"),
          WORD.withName("byteAlignment"),
          WORD.withName("owner"));

  private static final long MAGIC = offset("magic");
  private static final long BYTE_SIZE = offset("byteSize");
  private static final long BYTE_ALIGNMENT = offset("byteAlignment");
  private static final long OWNER = offset("owner");

  private final long redZone;
  private final long owner;

  /**
   * Creates a layout.
   *
   * @param redZoneByteSize the bytes of each red zone, not negative
   * @param owner the number that headers carry
   */
  public GuardLayout(long redZoneByteSize, long owner) {
    this.redZone = redZoneByteSize;
    this.owner = owner;
  }

  private static long offset(String field) {
    return HEADER.byteOffset(PathElement.groupElement(field));
  }

  /**
   * Returns the bytes between the start of what is taken from the parent and the block.
   *
   * @param byteAlignment the alignment of the block
   * @return a multiple of the alignment
   */
  public long front(long byteAlignment) {
    return BlockArguments.alignUp(redZone + HEADER.byteSize(), byteAlignment);
  }

  /**
   * Returns the bytes to take from the parent for a block.
   *
   * @param byteSize the size of the block
   * @param byteAlignment its alignment
   * @return the bytes, or -1 if no machine has so many
   */
  public long total(long byteSize, long byteAlignment) {
    long around = front(byteAlignment) + redZone;
    return byteSize > Long.MAX_VALUE - around ? -1 : byteSize + around;
  }

  /**
   * Writes the header and red zones of a live block.
   *
   * @param address the block
   * @param byteSize its size
   * @param byteAlignment its alignment
   */
  public void mark(long address, long byteSize, long byteAlignment) {
    mark(address, byteSize, byteAlignment, LIVE_MAGIC);
  }

  /**
   * Writes over a block that was freed, and its header and red zones.
   *
   * @param address the block
   * @param byteSize its size
   * @param byteAlignment its alignment
   */
  public void poison(long address, long byteSize, long byteAlignment) {
    mark(address, byteSize, byteAlignment, FREED_MAGIC);
    fill(address, byteSize, FREED);
  }

  private void mark(long address, long byteSize, long byteAlignment, long magic) {
    long header = header(address);
    fill(address - redZone, redZone, RED_ZONE);
    Memory.ALL.set(WORD, header + MAGIC, magic);
    Memory.ALL.set(WORD, header + BYTE_SIZE, byteSize);
    Memory.ALL.set(WORD, header + BYTE_ALIGNMENT, byteAlignment);
    Memory.ALL.set(WORD, header + OWNER, owner);
    fill(address + byteSize, redZone, RED_ZONE);
  }

  /**
   * Fills a range that the caller holds.
   *
   * @param address its start
   * @param byteSize its size; 0 touches nothing
   * @param value what each byte becomes
   */
  public static void fill(long address, long byteSize, byte value) {
    Memory.ALL.asSlice(address, byteSize).fill(value);
  }

  /**
   * Looks for a byte around a live block that was written over.
   *
   * @param address the block
   * @param byteSize its size
   * @param byteAlignment its alignment
   * @return its offset from the block: negative, or at least the block's size; or {@link #NONE}
   */
  public long damage(long address, long byteSize, long byteAlignment) {
    return damageAround(address, byteSize, byteAlignment, LIVE_MAGIC);
  }

  /**
   * Looks for a byte in or around a poisoned block that was written over.
   *
   * @param address the block
   * @param byteSize its size
   * @param byteAlignment its alignment
   * @return its offset from the block, or {@link #NONE}
   */
  public long damageAfterFree(long address, long byteSize, long byteAlignment) {
    long inside = mismatch(address, byteSize, FREED);
    return inside >= 0 ? inside : damageAround(address, byteSize, byteAlignment, FREED_MAGIC);
  }

  private long damageAround(long address, long byteSize, long byteAlignment, long magic) {
    long before = mismatch(address - redZone, redZone, RED_ZONE);
    if (before >= 0) {
      return before - redZone;
    }
    long after = mismatch(address + byteSize, redZone, RED_ZONE);
    if (after >= 0) {
      return byteSize + after;
    }
    long header = header(address);
    long damaged = damageTo(header + MAGIC, magic);
    damaged = Math.max(damaged, damageTo(header + BYTE_SIZE, byteSize));
    damaged = Math.max(damaged, damageTo(header + BYTE_ALIGNMENT, byteAlignment));
    damaged = Math.max(damaged, damageTo(header + OWNER, owner));
    return damaged == NONE ? NONE : damaged - address;
  }

  private long header(long address) {
    return address - redZone - HEADER.byteSize();
  }

  /** Returns the address of the first byte of a word that is not as expected, or NONE. */
  private static long damageTo(long address, long expected) {
    long difference = Memory.ALL.get(WORD, address) ^ expected;
    return difference == 0 ? NONE : address + (Long.numberOfTrailingZeros(difference) >>> 3);
  }

  /** Returns the offset of the first byte in a range that is not a value, or -1. */
  private static long mismatch(long address, long byteSize, byte value) {
    if (byteSize == 0) {
      return -1;
    }
    if (byteAt(address) != value) {
      return 0;
    }
    // Equal to itself moved by one byte means equal to its first byte throughout.
    long end = address + byteSize;
    long same = MemorySegment.mismatch(Memory.ALL, address, end - 1, Memory.ALL, address + 1, end);
    return same < 0 ? -1 : same + 1;
  }

  /**
   * Reads a byte that the caller holds.
   *
   * @param address where it is
   * @return the byte
   */
  public static byte byteAt(long address) {
    return Memory.ALL.get(ValueLayout.JAVA_BYTE, address);
  }
}
