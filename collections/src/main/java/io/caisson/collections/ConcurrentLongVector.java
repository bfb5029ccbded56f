package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.View;
import io.caisson.alloc.internal.Memory;
import io.caisson.smr.Guard;
import io.caisson.smr.ReclamationDomain;
import java.util.AbstractList;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongConsumer;

/**
 * A vector of {@code long}s in native memory to which many threads append.
 *
 * <p>It only grows, and never moves an element: an index, once given out, is that element's until
 * the vector is closed. Takes 9 bytes an element, in segments of which each is twice as long as the
 * one before, the first of 8 elements; so at most about half of what it takes is not used yet. All
 * values are allowed. Thread-safe, for platform and virtual threads alike. No operation makes a
 * Java object, but for {@link #asList} and what is got from it.
 *
 * <p><b>What others see of an append.</b> An append reserves the next index, writes the element,
 * and publishes it. From then on it is found at its index; actions before an append happen-before
 * those after an operation that finds its element. A thread that stalls between reserving and
 * publishing, which is some ten instructions, delays nobody, but hides:
 *
 * <ul>
 *   <li>the element itself: its index is out of bounds until it is published;
 *   <li>the elements after it from {@link #size}, {@link #isEmpty}, {@link #forEach} and {@link
 *       #asList}, which end before the first element that is not published. Who knows the index of
 *       one of these, as who has appended it does, finds it all the same.
 * </ul>
 *
 * <p>So each element is linearizable by itself, from its publication on; appends among themselves
 * are, in the order of their indices; but a size may leave out an append that has returned.
 *
 * <p><b>Progress.</b> Appending is lock-free, in so far as the allocator is, which it needs when a
 * segment is full: twice as seldom each time. What finds an element by its index is wait-free if it
 * is given an open guard, and else is what its pin is, lock-free; adding to an element is
 * lock-free. Reading the size is O(appends since it was last read), and wait-free under a guard.
 *
 * <p>It owns its segments and frees them on {@link #close()}; after that every operation throws
 * {@link IllegalStateException}. The vector is closed first, then the domain, then the allocator.
 */
public final class ConcurrentLongVector implements AutoCloseable {

  /*
   * Source. Segments of doubling length as in D. Dechev, P. Pirkelbauer, B. Stroustrup, "Lock-free
   * Dynamically Resizable Arrays" (OPODIS 2006). Deviations: no descriptor and no helping; an index
   * is reserved by fetch-and-add, and an element has a flag of its own, since it may be any long.
   *
   * Words, on the Java heap, so that they outlive close. tail: the number of the segment that is
   * appended to, and how many of its elements were reserved, which may be more than it has; negative
   * once closed. known: a number of elements from the first that are published, all. segments: by
   * number, where they are; NULL if they are not there, GONE for good once closed. See VectorSegment for what is off
   * heap.
   *
   * Invariants.
   * I1  The segment of tail, and all before it, are there, but for number 0, until it is closed. A
   *     segment is in its place for good, then.
   * I2  Each index is reserved once, by who adds to tail and finds it inside the segment, or moves
   *     tail by CAS. An index that was reserved is written and published: what comes between
   *     neither allocates nor throws, and waits for nobody.
   * I3  A flag is 0, then 1 for ever; it is set after its element is written.
   * I4  Every element before known is published; known only grows.
   *
   * Why nothing leaves a hole. What is reserved by fetch-and-add cannot be given back, so nothing
   * that can fail may come after. A count beyond the end of the segment is no index: who gets one has
   * reserved nothing, and then allocates the next segment, or throws. Only when that is in its
   * place is tail moved to it. Counts that were in vain are forgotten with the segment; there are 56 bits for
   * them. An append of many reserves by CAS, after it allocated all that it will need, so that its
   * elements lie side by side and it fails as a whole.
   *
   * Ordering. R1, the flag, pairs with A1: who sees an element's flag sees the element. R2, the CAS that puts a
   * segment in its place, pairs with A2: its flags are zero before anybody sees it. R3, the CAS of known, pairs with A3:
   * who relies on known rather than on the flags sees what who counted them saw.
   *
   * Linearization points. Of an append as the next index: its add or CAS of tail. Of an element: its
   * flag. getAndAdd, compareAndSet: their CAS; get: its read, set: its write. size: the read of the
   * first flag that is not set.
   *
   * Progress. An add that is in vain means that others filled the segment, or that it is the first;
   * a CAS that is in vain, that others appended.
   *
   * Reclamation. Nothing is retired. Guards are there for close: it takes the segments out of their
   * places, waits for whoever may have found one there, and frees them. It marks the places, empty
   * ones too, for an append that is under way must put no segment there any more.
   *
   * Length. Half of the lines are the contracts of operations, each with a guard and without.
   */

  private static final String TYPE = "ConcurrentLongVector";
  private static final int TAIL = 0;
  private static final int KNOWN = 1;
  private static final int WORDS = 2;

  /** Where the number of the segment begins in tail. */
  private static final int NUMBER_SHIFT = 56;

  private static final long COUNT_MASK = (1L << NUMBER_SHIFT) - 1;

  /** Negative, however much is added to it. */
  private static final long CLOSED = Long.MIN_VALUE;

  /** In the place of a segment, once closed. */
  private static final long GONE = -1;

  /** Elements passed on under one guard. */
  private static final long CHUNK = 4096;

  private final Allocator allocator;
  private final ReclamationDomain domain;
  private final PaddedWords words = new PaddedWords(WORDS);
  private final AtomicLongArray segments = new AtomicLongArray(VectorSegment.LAST + 1);

  /** What close took out of its places; only who holds the lock of this object uses it. */
  private final long[] taken = new long[VectorSegment.LAST + 1];

  /** Whether close has freed all segments; only who holds the lock of this object uses it. */
  private boolean freed;

  /**
   * Creates an empty vector, which allocates nothing.
   *
   * @param allocator where its segments come from; thread-safe, and outlives the vector
   * @param domain whose guards keep a close waiting; outlives the vector
   * @throws IllegalArgumentException if the allocator is not thread-safe
   */
  public ConcurrentLongVector(@Borrowed Allocator allocator, @Borrowed ReclamationDomain domain) {
    this.allocator = allocator;
    this.domain = domain;
    domain.register(allocator); // refuses one that is not thread-safe
  }

  // ---- tail -------------------------------------------------------------------------------------

  private static int number(long tail) {
    return (int) (tail >>> NUMBER_SHIFT);
  }

  private static long count(long tail) {
    return tail & COUNT_MASK;
  }

  /** Returns the index that is reserved next. */
  private static long end(long tail) {
    int number = number(tail);
    return VectorSegment.firstIndex(number) + Math.min(count(tail), VectorSegment.length(number));
  }

  /** Returns the tail of a vector of so many elements, more than 0. */
  private static long tailAt(long end) {
    int number = VectorSegment.numberOf(end - 1);
    return (long) number << NUMBER_SHIFT | (end - VectorSegment.firstIndex(number));
  }

  private static long requireOpen(long tail) {
    if (tail < 0) {
      throw closed();
    }
    return tail;
  }

  private static IllegalStateException closed() {
    return new IllegalStateException("this " + TYPE + " is closed");
  }

  // ---- appending --------------------------------------------------------------------------------

  /**
   * Appends a value. O(1), but for the segments that are allocated.
   *
   * @param value the value
   * @return its index
   * @throws AllocationException if a segment is needed and there is no room; the vector is
   *     unchanged
   * @throws IllegalStateException if the vector or its domain is closed
   */
  public long add(long value) {
    try (Guard guard = domain.pin()) {
      return add(guard, value);
    }
  }

  /**
   * Appends a value under a guard that is there already.
   *
   * @param guard an open guard of the vector's domain, which stays the caller's
   * @param value the value
   * @return its index
   * @throws AllocationException if a segment is needed and there is no room; the vector is
   *     unchanged
   * @throws IllegalArgumentException if the guard is another domain's
   * @throws IllegalStateException if the vector is closed
   */
  public long add(@Borrowed Guard guard, long value) {
    requireOurs(guard);
    return append(value);
  }

  private long append(long value) {
    long tail = reserve();
    int number = number(tail);
    long segment = segments.getAcquire(number); // A2
    if (segment == GONE) {
      throw closed();
    }
    long offset = count(tail);
    Memory.putLong(VectorSegment.element(segment, offset), value);
    VectorSegment.publish(segment, number, offset); // R1
    return VectorSegment.firstIndex(number) + offset;
  }

  /** Returns a tail whose next element is the caller's. */
  private long reserve() {
    for (; ; ) {
      long tail = requireOpen(words.getAndAdd(TAIL, 1));
      if (count(tail) < VectorSegment.length(number(tail))) {
        return tail;
      }
      moveOn(number(tail)); // nothing was reserved
    }
  }

  /** Moves tail off a segment that is full; throws if there is no room for the next. */
  private void moveOn(int number) {
    ensureSegment(number + 1);
    long next = (long) (number + 1) << NUMBER_SHIFT;
    for (long tail = words.getOpaque(TAIL);
        tail >= 0 && number(tail) == number;
        tail = words.getOpaque(TAIL)) {
      if (words.compareAndSet(TAIL, tail, next)) {
        return;
      }
      Thread.onSpinWait(); // others count on
    }
  }

  /** Puts a segment in its place, unless there is one. */
  private void ensureSegment(int number) {
    if (number > VectorSegment.LAST) {
      throw allocator.failure(Long.MAX_VALUE, VectorSegment.ALIGNMENT);
    }
    if (segments.getOpaque(number) != Memory.NULL) {
      return; // there, or gone, and then tail says so
    }
    long byteSize = VectorSegment.byteSize(number);
    long segment = allocator.allocateZeroed(byteSize, VectorSegment.ALIGNMENT);
    if (segment != Memory.NULL) {
      if (!segments.compareAndSet(number, Memory.NULL, segment)) { // R2
        allocator.free(segment, byteSize, VectorSegment.ALIGNMENT);
      }
    } else if (segments.getOpaque(number) == Memory.NULL) { // nobody else had the room
      throw allocator.failure(byteSize, VectorSegment.ALIGNMENT);
    }
  }

  /**
   * Appends several values, side by side, or none of them.
   *
   * @param values an array that holds them
   * @param from the index of the first
   * @param to the index after the last
   * @return the index in the vector of the first; if there is none, the one that is next
   * @throws AllocationException if there is no room for all; the vector is unchanged
   * @throws IndexOutOfBoundsException if the range is not in the array; nothing is appended
   * @throws IllegalStateException if the vector or its domain is closed
   */
  public long addAll(long[] values, int from, int to) {
    int count = RingStorage.countOf(values, from, to);
    try (Guard guard = domain.pin()) {
      long first = reserve(count);
      for (long done = 0; done < count; ) {
        done += appendPart(guard, first + done, values, from + (int) done, to);
      }
      return first;
    }
  }

  /** Reserves several indices and returns the first. */
  private long reserve(int count) {
    for (; ; ) {
      long tail = requireOpen(words.getOpaque(TAIL));
      long first = end(tail);
      if (count == 0) {
        return first;
      }
      long tailAfter = tailAt(Math.addExact(first, count));
      for (int number = number(tail) + 1; number <= number(tailAfter); number++) {
        ensureSegment(number);
      }
      if (words.compareAndSet(TAIL, tail, tailAfter)) {
        return first;
      }
      Thread.onSpinWait();
    }
  }

  /** Writes and publishes what goes to one segment; returns how many values that were. */
  long appendPart(Guard guard, long index, long[] values, int from, int to) {
    int number = VectorSegment.numberOf(index);
    long segment = segments.getAcquire(number); // A2
    if (segment == GONE) {
      throw closed();
    }
    long offset = index - VectorSegment.firstIndex(number);
    long count = Math.min((long) to - from, VectorSegment.length(number) - offset);
    for (int i = 0; i < count; i++) {
      Memory.putLong(VectorSegment.element(segment, offset + i), values[from + i]);
    }
    VectorSegment.publish(segment, number, offset, count); // R1
    return count;
  }

  // ---- elements ---------------------------------------------------------------------------------

  private void requireOurs(Guard guard) {
    if (guard.domain() != domain) {
      throw new IllegalArgumentException(
          "a guard of domain '"
              + guard.domain().name()
              + "'; expected one of '"
              + domain.name()
              + "'");
    }
  }

  /** Returns where a published element is; under a guard that was there before. */
  long element(Guard guard, long index) {
    int number = VectorSegment.numberOf(index);
    if (index < 0 || number > VectorSegment.LAST) {
      throw notThere(index);
    }
    long segment = segments.getAcquire(number); // A2: pairs with R2
    long offset = index - VectorSegment.firstIndex(number);
    if (segment == Memory.NULL
        || segment == GONE
        || (index >= words.getAcquire(KNOWN) // A3: pairs with R3
            && !VectorSegment.isPublished(segment, number, offset))) { // A1
      throw notThere(index);
    }
    return VectorSegment.element(segment, offset);
  }

  private RuntimeException notThere(long index) {
    if (words.getVolatile(TAIL) < 0) {
      return closed();
    }
    return new IndexOutOfBoundsException("index " + index + " of a vector of size " + size());
  }

  /**
   * Returns an element. O(1).
   *
   * @param index its index
   * @return the element
   * @throws IndexOutOfBoundsException if no element is published at the index
   * @throws IllegalStateException if the vector or its domain is closed
   */
  public long get(long index) {
    try (Guard guard = domain.pin()) {
      return get(guard, index);
    }
  }

  /**
   * Returns an element under a guard that is there already. O(1) and wait-free.
   *
   * @param guard an open guard of the vector's domain, which stays the caller's
   * @param index its index
   * @return the element
   * @throws IndexOutOfBoundsException if no element is published at the index
   * @throws IllegalArgumentException if the guard is another domain's
   * @throws IllegalStateException if the vector is closed
   */
  public long get(@Borrowed Guard guard, long index) {
    requireOurs(guard);
    return Memory.getLongAcquire(element(guard, index));
  }

  /**
   * Replaces an element; who reads the value sees what was done before. O(1).
   *
   * @param index its index
   * @param value the new value
   * @throws IndexOutOfBoundsException if no element is published at the index
   * @throws IllegalStateException if the vector or its domain is closed
   */
  public void set(long index, long value) {
    try (Guard guard = domain.pin()) {
      Memory.putLongRelease(element(guard, index), value);
    }
  }

  /**
   * Adds to an element, in one step. O(1).
   *
   * @param index its index
   * @param delta what is added; sums wrap around
   * @return what the element was before
   * @throws IndexOutOfBoundsException if no element is published at the index
   * @throws IllegalStateException if the vector or its domain is closed
   */
  public long getAndAdd(long index, long delta) {
    try (Guard guard = domain.pin()) {
      return getAndAdd(guard, index, delta);
    }
  }

  /**
   * Adds to an element, in one step, under a guard that is there already. O(1).
   *
   * @param guard an open guard of the vector's domain, which stays the caller's
   * @param index its index
   * @param delta what is added; sums wrap around
   * @return what the element was before
   * @throws IndexOutOfBoundsException if no element is published at the index
   * @throws IllegalArgumentException if the guard is another domain's
   * @throws IllegalStateException if the vector is closed
   */
  public long getAndAdd(@Borrowed Guard guard, long index, long delta) {
    requireOurs(guard);
    return addTo(element(guard, index), delta);
  }

  private static long addTo(long element, long delta) {
    for (; ; ) {
      long before = Memory.getLongAcquire(element);
      if (Memory.compareAndSetLong(element, before, before + delta)) {
        return before;
      }
      Thread.onSpinWait();
    }
  }

  /**
   * Replaces an element if it is the expected one, in one step. O(1).
   *
   * @param index its index
   * @param expected what it must be
   * @param value the new value
   * @return whether it was replaced
   * @throws IndexOutOfBoundsException if no element is published at the index
   * @throws IllegalStateException if the vector or its domain is closed
   */
  public boolean compareAndSet(long index, long expected, long value) {
    try (Guard guard = domain.pin()) {
      return Memory.compareAndSetLong(element(guard, index), expected, value);
    }
  }

  // ---- all of it --------------------------------------------------------------------------------

  /**
   * Counts the elements before the first that is not published. It never shrinks. O(1) if nothing
   * was appended since somebody counted.
   *
   * @return how many there were at one moment of the call
   * @throws IllegalStateException if the vector or its domain is closed
   */
  public long size() {
    try (Guard guard = domain.pin()) {
      return size(guard);
    }
  }

  /**
   * Counts as {@link #size()}, under a guard that is there already.
   *
   * @param guard an open guard of the vector's domain, which stays the caller's
   * @return how many there were at one moment of the call
   * @throws IllegalArgumentException if the guard is another domain's
   * @throws IllegalStateException if the vector is closed
   */
  public long size(@Borrowed Guard guard) {
    requireOurs(guard);
    return known(guard);
  }

  /** Counts on from what is known; under a guard. */
  private long known(Guard guard) {
    long end = end(requireOpen(words.getVolatile(TAIL)));
    long before = words.getAcquire(KNOWN); // A3
    long size = before;
    while (size < end && isPublished(guard, size)) {
      size++;
    }
    if (size > before) {
      words.compareAndSet(KNOWN, before, size); // R3; if it is in vain, others know more
    }
    return size;
  }

  boolean isPublished(Guard guard, long index) {
    int number = VectorSegment.numberOf(index);
    long segment = segments.getAcquire(number); // A2
    if (segment == GONE) {
      throw closed();
    }
    return VectorSegment.isPublished(segment, number, index - VectorSegment.firstIndex(number));
  }

  /**
   * Says whether the size is 0.
   *
   * @return whether the first element was not published at one moment of the call
   * @throws IllegalStateException if the vector or its domain is closed
   */
  public boolean isEmpty() {
    return size() == 0;
  }

  /**
   * Passes on every element before the first that was not published when this was called, in the
   * order of their indices, each as it is then. A guard of the domain is open meanwhile, and
   * renewed after some thousand elements: others may append, but a consumer that needs room in the
   * domain may be refused or wait in vain.
   *
   * @param consumer what takes them
   * @throws IllegalStateException if the vector or its domain is closed, then or meanwhile
   */
  public void forEach(LongConsumer consumer) {
    Objects.requireNonNull(consumer);
    try (Guard guard = domain.pin()) {
      long size = known(guard);
      for (long index = 0; index < size; index += CHUNK) {
        long chunkEnd = Math.min(index + CHUNK, size);
        for (long i = index; i < chunkEnd; i++) {
          consumer.accept(Memory.getLongAcquire(element(guard, i)));
        }
        guard.refresh();
      }
    }
  }

  /**
   * Shows the vector as a list that cannot be changed by its means, and grows with the vector. Its
   * elements are boxed; its iterators go on to what is appended meanwhile. Where there are more
   * than {@link Integer#MAX_VALUE} elements it shows so many. It throws as the vector does once
   * that is closed.
   *
   * @return a view, valid until the vector is closed
   * @throws IllegalStateException if the vector is closed
   */
  @View
  public List<Long> asList() {
    requireOpen(words.getOpaque(TAIL));
    return new ElementList(this);
  }

  /** The elements up to the size, boxed. */
  private static final class ElementList extends AbstractList<Long> implements RandomAccess {
    private final ConcurrentLongVector vector;

    ElementList(ConcurrentLongVector vector) {
      this.vector = vector;
    }

    @Override
    public Long get(int index) {
      return vector.get(index);
    }

    @Override
    public int size() {
      return (int) Math.min(vector.size(), Integer.MAX_VALUE);
    }
  }

  // ---- the end ----------------------------------------------------------------------------------

  /**
   * Ends the vector, waits as long as {@link ReclamationDomain#closeTimeout} for guards that are
   * open, and frees all segments. Operations of other threads that are under way end as if they had
   * been before it, or throw. Closing again does nothing once it has succeeded. Not under a guard
   * of one's own, for which it would wait in vain.
   *
   * @throws IllegalStateException if guards stayed open or the thread was interrupted; the vector
   *     is closed, its segments are not freed, and closing it again tries again
   */
  @Override
  public synchronized void close() {
    words.getAndSet(TAIL, CLOSED);
    if (!freed) {
      takeSegments();
      Readers.await(domain, TYPE);
      freeSegments();
      freed = true;
    }
  }

  private void freeSegments() {
    for (int number = 1; number < taken.length; number++) {
      if (taken[number] != Memory.NULL) {
        allocator.free(taken[number], VectorSegment.byteSize(number), VectorSegment.ALIGNMENT);
        taken[number] = Memory.NULL;
      }
    }
  }

  private void takeSegments() {
    for (int number = 1; number < taken.length; number++) {
      long segment = segments.getAndSet(number, GONE);
      if (segment != GONE) { // of an earlier attempt
        taken[number] = segment;
      }
    }
  }

  /** When nobody is in an operation. */
  void checkInvariants() {
    try (Guard guard = domain.pin()) {
      long tail = requireOpen(words.getVolatile(TAIL));
      for (int number = 1; number <= number(tail); number++) {
        if (segments.get(number) == Memory.NULL) {
          throw new AssertionError("I1: segment " + number + " of " + number(tail) + " is missing");
        }
      }
      long known = words.getAcquire(KNOWN);
      long end = end(tail);
      if (known > end) {
        throw new AssertionError("I4: " + known + " are known of " + end);
      }
      for (long index = 0; index < end; index++) {
        if (!isPublished(guard, index)) {
          throw new AssertionError("I2: " + index + " of " + end + " is not published");
        }
      }
    }
  }

  /** Returns whether it is open or closed; the elements are not counted. */
  @Override
  public String toString() {
    return TYPE + (words.getOpaque(TAIL) < 0 ? "(closed)" : "(open)");
  }
}
