package io.caisson.collections;

import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.internal.Memory;
import java.util.Arrays;

/**
 * What an intern table knows of its pages, by their numbers. It only grows, and nothing in it moves
 * before it is closed.
 *
 * <p>Belongs to one thread at a time, but for {@link #find} and {@link #at}, which any thread may
 * call for a number of which it learned after it was added.
 */
final class InternPageTable {

  /*
   * Layout. Segments of InternPages: of 4 pages, 4, 8, 16, 32, and then of 64 each, so that a
   * small table takes little and a large one wastes little. On the Java heap, for every 4 pages,
   * where the first of them is: so a search needs to know nothing of segments.
   *
   * Ordering. R1, the write of the bases, pairs with A1, the read: who finds newer ones than those
   * in which his page was added, since others go on adding, finds what was copied to them. Elements
   * are written once, before anybody learns a number of theirs.
   */

  private static final int GROUP_SHIFT = 2;
  private static final int GROUP = 1 << GROUP_SHIFT;
  private static final int MAX_SEGMENT = 64;
  private static final long ALIGNMENT = Long.BYTES;

  private final Allocator allocator;
  private volatile long[] bases = {};
  private int size;
  private int capacity;

  InternPageTable(Allocator allocator) {
    this.allocator = allocator;
  }

  /** Returns a page that is there. */
  long at(int number) {
    return bases[number >>> GROUP_SHIFT] + (number & (GROUP - 1)) * InternPage.SIZE; // A1
  }

  /** Returns a page, or NULL if there is no room for one with this number. */
  long find(int number) {
    long[] current = bases; // A1
    int group = number >>> GROUP_SHIFT;
    if (group >= current.length || current[group] == Memory.NULL) {
      return Memory.NULL;
    }
    return current[group] + (number & (GROUP - 1)) * InternPage.SIZE;
  }

  int size() {
    return size;
  }

  /** Adds a page, or throws AllocationException and changes nothing. */
  void append() {
    reserve(size + 1L);
    size++;
  }

  /** Makes room for a number of pages, or of fewer if it throws AllocationException. */
  void reserve(long pages) {
    while (capacity < pages) {
      addSegment(segmentAt(capacity));
    }
  }

  /** Returns how many pages the segment has that starts with a number. */
  private static int segmentAt(int number) {
    return Math.clamp(number, GROUP, MAX_SEGMENT);
  }

  private void addSegment(int pages) {
    long[] current = bases;
    int group = capacity >>> GROUP_SHIFT;
    int end = group + (pages >>> GROUP_SHIFT);
    long[] larger =
        end <= current.length ? current : Arrays.copyOf(current, Math.max(end, 2 * group));
    long segment = Allocations.allocate(allocator, pages * InternPage.SIZE, ALIGNMENT);
    for (int i = 0; i < pages; i++) {
      InternPage.initialize(segment + i * InternPage.SIZE);
    }
    for (int i = group; i < end; i++) {
      larger[i] = segment + (long) (i - group) * GROUP * InternPage.SIZE;
    }
    bases = larger; // R1
    capacity += pages;
  }

  void close() {
    long[] current = bases;
    bases = new long[0];
    for (int number = 0; number < capacity; number += segmentAt(number)) {
      allocator.free(
          current[number >>> GROUP_SHIFT], segmentAt(number) * InternPage.SIZE, ALIGNMENT);
    }
    size = 0;
    capacity = 0;
  }
}
