package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.internal.Memory;
import io.caisson.testkit.LeakCheck;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * In checked memory every block ends where its range ends, so that a read beyond it would throw.
 */
class BytesTest {

  private static final int LARGEST = 300;

  private static long block(Allocator allocator, byte[] bytes) {
    long address = allocator.allocate(Math.max(1, bytes.length), 1);
    for (int i = 0; i < bytes.length; i++) {
      Memory.putByte(address + i, bytes[i]);
    }
    return address;
  }

  private static byte[] randomBytes(Random random, int size) {
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    return bytes;
  }

  @Test
  void equal_everySizeAndEveryByte_seesEachDifference() {
    LeakCheck.run(allocator -> {
      Random random = new Random(1);
      for (int size = 0; size <= LARGEST; size++) {
        byte[] bytes = randomBytes(random, size);
        long a = block(allocator, bytes);
        long b = block(allocator, bytes);
        assertTrue(Bytes.equal(a, b, size), "size " + size);
        for (int i = 0; i < size; i++) {
          Memory.putByte(b + i, (byte) (bytes[i] ^ 1 << random.nextInt(8)));
          assertFalse(Bytes.equal(a, b, size), "size " + size + ", byte " + i);
          Memory.putByte(b + i, bytes[i]);
        }
        allocator.free(a, Math.max(1, size), 1);
        allocator.free(b, Math.max(1, size), 1);
      }
    });
  }

  @Test
  void hash_everySizeAndEveryByte_seesEachDifference() {
    LeakCheck.run(allocator -> {
      Random random = new Random(2);
      for (int size = 0; size <= LARGEST; size++) {
        byte[] bytes = randomBytes(random, size);
        long a = block(allocator, bytes);
        long b = block(allocator, bytes);
        long hash = Bytes.hash(a, size, 0);
        assertEquals(hash, Bytes.hash(b, size, 0), "size " + size);
        assertNotEquals(hash, Bytes.hash(a, size, 1), "size " + size);
        for (int i = 0; i < size; i++) {
          Memory.putByte(b + i, (byte) (bytes[i] ^ 1 << random.nextInt(8)));
          assertNotEquals(hash, Bytes.hash(b, size, 0), "size " + size + ", byte " + i);
          Memory.putByte(b + i, bytes[i]);
        }
        allocator.free(a, Math.max(1, size), 1);
        allocator.free(b, Math.max(1, size), 1);
      }
    });
  }

  @Test
  void hash_anyAlignment_isTheSame() {
    LeakCheck.run(allocator -> {
      byte[] bytes = randomBytes(new Random(3), 100);
      long address = allocator.allocate(200, 16);
      for (int size : new int[] {1, 3, 4, 7, 8, 15, 16, 17, 33, 100}) {
        Set<Long> hashes = new HashSet<>();
        for (int offset = 0; offset < 16; offset++) {
          for (int i = 0; i < size; i++) {
            Memory.putByte(address + offset + i, bytes[i]);
          }
          hashes.add(Bytes.hash(address + offset, size, 5));
        }
        assertEquals(1, hashes.size(), "size " + size);
      }
      allocator.free(address, 200, 16);
    });
  }

  @Test
  void hash_zerosOfEverySize_differ() {
    LeakCheck.run(allocator -> {
      long address = allocator.allocateZeroed(LARGEST, 1);
      Set<Long> hashes = new HashSet<>();
      for (int size = 0; size <= LARGEST; size++) {
        hashes.add(Bytes.hash(address, size, 0));
      }
      assertEquals(LARGEST + 1, hashes.size());
      allocator.free(address, LARGEST, 1);
    });
  }

  /** A word that cancels the secret makes a factor 0; the other factor must count all the same. */
  @Test
  void hash_wordThatCancelsASecret_keepsTheRest() {
    LeakCheck.run(allocator -> {
      long secret = 0x8bb84b93962eacc9L;
      long address = allocator.allocateZeroed(32, 8);
      Set<Long> hashes = new HashSet<>();
      for (int i = 0; i < 1000; i++) {
        Memory.putInt(address, (int) (secret >>> 32));
        Memory.putInt(address + 8, (int) secret);
        Memory.putInt(address + 4, i);
        hashes.add(Bytes.hash(address, 16, 0));
        Memory.putLong(address, secret);
        Memory.putLong(address + 8, i);
        hashes.add(Bytes.hash(address, 32, 0));
      }
      assertEquals(2000, hashes.size());
      allocator.free(address, 32, 8);
    });
  }

  /** Tables use the low bits for the place and the high ones for the tag: both must spread. */
  @Test
  void hash_numberedKeys_spreadOverLowAndHighBits() {
    LeakCheck.run(allocator -> {
      int keys = 1 << 16;
      int[] low = new int[256];
      int[] high = new int[256];
      Set<Long> hashes = new HashSet<>();
      try (OwnedString prefix = OwnedString.copyOf(allocator, "key:")) {
        long address = allocator.allocate(8, 8);
        Memory.copy(prefix.view().address(), address, 4);
        for (int i = 0; i < keys; i++) {
          Memory.putInt(address + 4, i);
          long hash = Bytes.hash(address, 8, 0);
          hashes.add(hash);
          low[(int) hash & 255]++;
          high[(int) (hash >>> 56)]++;
        }
        allocator.free(address, 8, 8);
      }
      assertEquals(keys, hashes.size());
      for (int i = 0; i < 256; i++) {
        assertTrue(low[i] > 128 && low[i] < 384, "low bits " + i + ": " + low[i]);
        assertTrue(high[i] > 128 && high[i] < 384, "high bits " + i + ": " + high[i]);
      }
    });
  }

  @Test
  void hash_oneBitFlipped_changesHalfOfTheBits() {
    LeakCheck.run(allocator -> {
      Random random = new Random(4);
      for (int size : new int[] {1, 3, 4, 8, 12, 16, 24, 64, 200}) {
        long address = block(allocator, new byte[size]);
        long changed = 0;
        int rounds = 2000;
        for (int i = 0; i < rounds; i++) {
          for (int j = 0; j < size; j++) {
            Memory.putByte(address + j, (byte) random.nextInt());
          }
          long before = Bytes.hash(address, size, 0);
          long at = address + random.nextInt(size);
          Memory.putByte(at, (byte) (Memory.getByte(at) ^ 1 << random.nextInt(8)));
          changed += Long.bitCount(before ^ Bytes.hash(address, size, 0));
        }
        double mean = (double) changed / rounds;
        assertTrue(mean > 31 && mean < 33, "size " + size + ": " + mean + " bits");
        allocator.free(address, size, 1);
      }
    });
  }
}
