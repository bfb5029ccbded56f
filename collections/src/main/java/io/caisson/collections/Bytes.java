package io.caisson.collections;

import io.caisson.alloc.internal.Memory;

/**
 * Hashes and compares ranges of native memory.
 *
 * <p>Stateless. No method reads a byte outside the ranges it is given, keeps an address, or
 * allocates. All are O(size).
 */
final class Bytes {

  /*
   * Purpose. One hash and one equality for every key made of bytes; most such keys have 4 to 64.
   *
   * Source. wyhash final version 4 by Wang Yi (public domain), without its three-lane loop for
   * inputs above 48 bytes: keys are rarely so long, and the loop would keep the method from being
   * inlined. Its step multiplies two words to 128 bits and folds the halves together (mix). As in
   * wyhash's protected variant (WYHASH_CONDOM 2) the factors are folded in too: else a key that
   * makes one of them 0 drops the other, and all such keys collide whatever the seed.
   *
   * Reads. Whole words, of which the last ends with the range and may overlap the one before it: so
   * no loop over single bytes, and no read outside. 1 to 3 bytes are read as first, middle and
   * last. Keys that are equal in size mostly differ at an end, so equality reads both ends first.
   *
   * Not cryptographic: an unknown seed makes flooding with collisions harder, and proves nothing.
   * Values differ between platforms of different byte order and are never stored.
   */

  private static final long SECRET_0 = 0x2d358dccaa6c78a5L;
  private static final long SECRET_1 = 0x8bb84b93962eacc9L;
  private static final long INT_MASK = 0xffff_ffffL;
  private static final long LONG_RANGE = 64; // from here on a bulk comparison pays

  private Bytes() {}

  /**
   * Hashes a range.
   *
   * @param address where it starts
   * @param byteSize its size, not negative
   * @param seed chooses one of many hash functions
   * @return 64 well-mixed bits
   */
  static long hash(long address, long byteSize, long seed) {
    long state = seed ^ mix(seed ^ SECRET_0, SECRET_1);
    if (byteSize > 16) {
      long last = address + byteSize - 16;
      return finish(
          Memory.getLong(last), Memory.getLong(last + 8), absorb(address, last, state), byteSize);
    }
    if (byteSize >= 4) {
      long step = (byteSize >>> 3) << 2; // 0 below 8 bytes, else 4; 8 at exactly 16
      long end = address + byteSize - 4;
      return finish(ints(address, address + step), ints(end, end - step), state, byteSize);
    }
    return finish(byteSize == 0 ? 0 : upToThree(address, byteSize), 0, state, byteSize);
  }

  private static long absorb(long address, long end, long state) {
    for (long next = address; next < end; next += 16) {
      state = mix(Memory.getLong(next) ^ SECRET_1, Memory.getLong(next + 8) ^ state);
    }
    return state;
  }

  private static long finish(long a, long b, long state, long byteSize) {
    long x = a ^ SECRET_1;
    long y = b ^ state;
    long low = x ^ x * y;
    long high = y ^ Math.unsignedMultiplyHigh(x, y);
    return mix(low ^ SECRET_0 ^ byteSize, high ^ SECRET_1);
  }

  private static long mix(long a, long b) {
    return a ^ b ^ a * b ^ Math.unsignedMultiplyHigh(a, b);
  }

  private static long ints(long high, long low) {
    return (long) Memory.getInt(high) << 32 | (Memory.getInt(low) & INT_MASK);
  }

  private static long upToThree(long address, long byteSize) {
    return (Memory.getByte(address) & 0xffL) << 16
        | (Memory.getByte(address + (byteSize >>> 1)) & 0xffL) << 8
        | (Memory.getByte(address + byteSize - 1) & 0xffL);
  }

  /**
   * Says whether two ranges of one size hold the same bytes.
   *
   * @param a where the one starts
   * @param b where the other starts
   * @param byteSize the size of each, not negative
   * @return whether they do
   */
  static boolean equal(long a, long b, long byteSize) {
    if (byteSize >= 8) {
      long last = byteSize - 8;
      long ends =
          (Memory.getLong(a) ^ Memory.getLong(b))
              | (Memory.getLong(a + last) ^ Memory.getLong(b + last));
      return ends == 0 && (byteSize <= 16 || equalBetween(a, b, last));
    }
    if (byteSize >= 4) {
      long last = byteSize - 4;
      return Memory.getInt(a) == Memory.getInt(b)
          && Memory.getInt(a + last) == Memory.getInt(b + last);
    }
    return byteSize == 0 || upToThree(a, byteSize) == upToThree(b, byteSize);
  }

  /** Compares what the first and the last word, which are equal, leave between them. */
  private static boolean equalBetween(long a, long b, long last) {
    if (last <= 24) {
      long before = last - 8;
      return Memory.getLong(a + 8) == Memory.getLong(b + 8)
          && Memory.getLong(a + before) == Memory.getLong(b + before);
    }
    if (last > LONG_RANGE) {
      return Memory.mismatch(a, b, last) < 0;
    }
    int end = (int) last;
    for (int i = 8; i < end; i += 8) {
      if (Memory.getLong(a + i) != Memory.getLong(b + i)) {
        return false;
      }
    }
    return true;
  }
}
