package io.caisson.collections;

import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Which byte strings an intern table takes, and how it hashes them.
 *
 * @param name the name of the table
 * @param fixedByteSize the size that they must have, or ANY_SIZE
 * @param seed what makes its hashes its own
 */
record InternKeys(String name, long fixedByteSize, long seed) {

  private static final long ANY_SIZE = -1;

  InternKeys {
    Objects.requireNonNull(name, "name");
  }

  /** Takes strings of any size. */
  static InternKeys ofAnySize(String name) {
    return new InternKeys(name, ANY_SIZE, ThreadLocalRandom.current().nextLong());
  }

  /** Takes identifiers of one size, or throws if it is not positive. */
  static InternKeys ofSize(String name, int byteSize) {
    if (byteSize <= 0) {
      throw new IllegalArgumentException("ids of " + byteSize + " bytes; expected at least 1");
    }
    return new InternKeys(name, byteSize, ThreadLocalRandom.current().nextLong());
  }

  void requireSize(long byteSize) {
    if (fixedByteSize != ANY_SIZE ? byteSize != fixedByteSize : byteSize > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          byteSize
              + " bytes; expected "
              + (fixedByteSize == ANY_SIZE ? "at most " + Integer.MAX_VALUE : fixedByteSize));
    }
  }

  long hash(long address, long byteSize) {
    return Bytes.hash(address, byteSize, seed);
  }
}
