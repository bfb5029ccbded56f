package io.caisson.collections;

import io.caisson.alloc.Borrowed;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Reads and changes words in segments that several threads use, each word at once, with its bounds
 * and its alignment checked.
 *
 * <p>A word is a {@code long} in the order of the machine, at an address that is a multiple of 8:
 * in native memory, or in a {@code long[]}. Every operation is as a volatile access: what a thread
 * did before it wrote a word happens-before what another does that has read it. Lock-free, O(1);
 * stateless. Every operation throws {@link IllegalStateException} if the segment is closed, and
 * {@link WrongThreadException} if it belongs to another thread.
 */
public final class AtomicMem {

  private static final VarHandle WORD = ValueLayout.JAVA_LONG.varHandle();

  private AtomicMem() {}

  /**
   * Reads a word.
   *
   * @param segment where the word is
   * @param offset where in it, in bytes
   * @return the word
   * @throws IndexOutOfBoundsException if the word is not inside the segment
   * @throws IllegalArgumentException if it is not aligned
   */
  public static long get(@Borrowed MemorySegment segment, long offset) {
    return (long) WORD.getVolatile(segment, offset);
  }

  /**
   * Writes a word.
   *
   * @param segment where the word is
   * @param offset where in it, in bytes
   * @param value what it becomes
   * @throws IndexOutOfBoundsException if the word is not inside the segment
   * @throws IllegalArgumentException if it is not aligned
   * @throws UnsupportedOperationException if the segment is read-only
   */
  public static void set(@Borrowed MemorySegment segment, long offset, long value) {
    WORD.setVolatile(segment, offset, value);
  }

  /**
   * Adds to a word.
   *
   * @param segment where the word is
   * @param offset where in it, in bytes
   * @param amount what is added; past the range of {@code long} it wraps around
   * @return the word as it was before
   * @throws IndexOutOfBoundsException if the word is not inside the segment
   * @throws IllegalArgumentException if it is not aligned
   * @throws UnsupportedOperationException if the segment is read-only
   */
  public static long getAndAdd(@Borrowed MemorySegment segment, long offset, long amount) {
    return (long) WORD.getAndAdd(segment, offset, amount);
  }

  /**
   * Writes a word and returns what was there.
   *
   * @param segment where the word is
   * @param offset where in it, in bytes
   * @param value what it becomes
   * @return the word as it was before
   * @throws IndexOutOfBoundsException if the word is not inside the segment
   * @throws IllegalArgumentException if it is not aligned
   * @throws UnsupportedOperationException if the segment is read-only
   */
  public static long getAndSet(@Borrowed MemorySegment segment, long offset, long value) {
    return (long) WORD.getAndSet(segment, offset, value);
  }

  /**
   * Writes a word if it is as expected.
   *
   * @param segment where the word is
   * @param offset where in it, in bytes
   * @param expected what it must be
   * @param value what it then becomes
   * @return whether it was as expected
   * @throws IndexOutOfBoundsException if the word is not inside the segment
   * @throws IllegalArgumentException if it is not aligned
   * @throws UnsupportedOperationException if the segment is read-only
   */
  public static boolean compareAndSet(
      @Borrowed MemorySegment segment, long offset, long expected, long value) {
    return WORD.compareAndSet(segment, offset, expected, value);
  }
}
