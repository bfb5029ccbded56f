package io.caisson.collections;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The few words by which threads meet in a concurrent structure: heads, tails and the like, each on
 * a line of its own.
 *
 * <p>They stand on the Java heap, so that they live as long as anybody can reach the structure: a
 * thread that comes after its close reads there that it is closed, and touches no memory that is
 * freed. Which accesses are ordered with which others is said where they are used.
 */
final class PaddedWords {

  /** Two cache lines, which are fetched together, in words. */
  private static final int LINE = 16;

  private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);

  /** Starts and ends with a line of padding, towards the array's header and its neighbours. */
  private final long[] words;

  /** Creates words that are 0. */
  PaddedWords(int count) {
    words = new long[(count + 2) * LINE];
  }

  private static int at(int word) {
    return (word + 1) * LINE;
  }

  long get(int word) {
    return words[at(word)];
  }

  void set(int word, long value) {
    words[at(word)] = value;
  }

  long getOpaque(int word) {
    return (long) WORDS.getOpaque(words, at(word));
  }

  long getAcquire(int word) {
    return (long) WORDS.getAcquire(words, at(word));
  }

  long getVolatile(int word) {
    return (long) WORDS.getVolatile(words, at(word));
  }

  void setRelease(int word, long value) {
    WORDS.setRelease(words, at(word), value);
  }

  boolean compareAndSet(int word, long expected, long value) {
    return WORDS.compareAndSet(words, at(word), expected, value);
  }

  long getAndSet(int word, long value) {
    return (long) WORDS.getAndSet(words, at(word), value);
  }

  /** Adds to a word, and returns what was there before. */
  long getAndAdd(int word, long delta) {
    return (long) WORDS.getAndAdd(words, at(word), delta);
  }
}
