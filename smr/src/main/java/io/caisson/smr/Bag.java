package io.caisson.smr;

/**
 * Retired blocks as plain data: address, size, alignment, and the number of the allocator. Touched
 * only by who holds the slot that it is in, or took it off a stack.
 */
final class Bag extends Numbered {

  /*
   * Layout. Two longs a block: its address, and allocator << 54 | log2 of the alignment << 48 | size.
   */

  /** The most blocks that a bag holds. */
  static final int MAX_CAPACITY = 64;

  /** The size of a block is below this. */
  static final long SIZE_LIMIT = 1L << 48;

  /** The number of an allocator is below this. */
  static final int ALLOCATOR_LIMIT = 1 << 10;

  private static final int ALIGNMENT_SHIFT = 48;
  private static final int ALLOCATOR_SHIFT = 54;
  private static final int ALIGNMENT_MASK = 63;

  private final long[] entries;
  private int count;
  private long byteSize;

  /** The epoch read after everything in here was unlinked; written off the stacks only. */
  private volatile long tag;

  /** Creates an empty bag; with a capacity of 0 one that stands for none. */
  Bag(int number, int capacity) {
    super(number);
    entries = new long[2 * capacity];
  }

  int count() {
    return count;
  }

  boolean isEmpty() {
    return count == 0;
  }

  int room() {
    return entries.length / 2 - count;
  }

  boolean isFull() {
    return room() == 0;
  }

  long byteSize() {
    return byteSize;
  }

  long tag() {
    return tag;
  }

  void setTag(long epoch) {
    tag = epoch;
  }

  /** Says whether nobody can still read what is in here, when the epoch is at {@code epoch}. */
  @Override
  boolean mayLeaveAt(long epoch) {
    return isRipe(tag, epoch);
  }

  /** The free test: two steps of the epoch after the tag. Under CLOSED only close frees. */
  static boolean isRipe(long tag, long epoch) {
    return epoch != SharedWords.CLOSED && epoch >= tag + 2;
  }

  /** Adds a block; the caller made sure of room, and checked the arguments. */
  void add(long address, long size, long alignment, int allocator) {
    int at = 2 * count;
    entries[at] = address;
    entries[at + 1] =
        ((long) allocator << ALLOCATOR_SHIFT)
            | ((long) Long.numberOfTrailingZeros(alignment) << ALIGNMENT_SHIFT)
            | size;
    count++;
    byteSize += size;
  }

  // ---- the block that was added last ------------------------------------------------------------

  long lastAddress() {
    return entries[2 * count - 2];
  }

  private long lastWord() {
    return entries[2 * count - 1];
  }

  long lastByteSize() {
    return lastWord() & (SIZE_LIMIT - 1);
  }

  long lastByteAlignment() {
    return 1L << ((int) (lastWord() >>> ALIGNMENT_SHIFT) & ALIGNMENT_MASK);
  }

  int lastAllocator() {
    return (int) (lastWord() >>> ALLOCATOR_SHIFT);
  }

  void removeLast() {
    byteSize -= lastByteSize();
    count--;
  }
}
