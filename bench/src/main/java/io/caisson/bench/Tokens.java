package io.caisson.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/**
 * A stream of tokens, of which some are frequent and most are rare, in a buffer off the heap, for
 * any thread.
 */
final class Tokens implements AutoCloseable {

  private static final int MIN_SIZE = 4;
  private static final int SIZES = 61;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment segment;
  private final long[] starts;
  private final int[] stream;

  /**
   * Makes tokens of 4 to 64 lower-case letters.
   *
   * @param distinct how many different ones, each of which is met at least once
   * @param length how many in all, at least as many
   */
  Tokens(int distinct, int length) {
    SplittableRandom random = new SplittableRandom(42);
    starts = new long[distinct + 1];
    for (int i = 0; i < distinct; i++) {
      starts[i + 1] = starts[i] + MIN_SIZE + random.nextInt(SIZES);
    }
    segment = arena.allocate(starts[distinct]);
    for (int i = 0; i < distinct; i++) {
      write(i, random);
    }
    stream = new int[length];
    Zipf zipf = new Zipf(distinct, Zipf.YCSB);
    for (int i = 0; i < length; i++) {
      stream[i] = i < distinct ? i : zipf.next(random);
    }
    shuffle(random);
  }

  /** Writes the number of a token, so that no two are equal, and random letters after it. */
  private void write(int token, SplittableRandom random) {
    int left = token;
    for (long i = starts[token]; i < starts[token + 1]; i++) {
      int letter = i < starts[token] + MIN_SIZE ? left % 32 : random.nextInt(26);
      left /= 32;
      segment.set(ValueLayout.JAVA_BYTE, i, (byte) ('A' + letter));
    }
  }

  private void shuffle(SplittableRandom random) {
    for (int i = stream.length - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      int token = stream[i];
      stream[i] = stream[other];
      stream[other] = token;
    }
  }

  MemorySegment segment() {
    return segment;
  }

  long offset(int token) {
    return starts[token];
  }

  long byteSize(int token) {
    return starts[token + 1] - starts[token];
  }

  /** Returns the token at an index of the stream. */
  int at(int index) {
    return stream[index];
  }

  int length() {
    return stream.length;
  }

  @Override
  public void close() {
    arena.close();
  }
}
