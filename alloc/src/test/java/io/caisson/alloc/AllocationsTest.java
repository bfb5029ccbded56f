package io.caisson.alloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.internal.Memory;
import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AllocationsTest {

  private static final BigInteger MAX = BigInteger.valueOf(Long.MAX_VALUE);

  @Test
  void sumAndProduct_atRandom_areExactOrRefused() {
    long seed = System.nanoTime();
    System.out.println("sumAndProduct_atRandom: seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 100_000; i++) {
      long a = random.nextLong() >>> random.nextInt(64);
      long b = random.nextLong() >>> random.nextInt(64);
      BigInteger bigA = BigInteger.valueOf(a);
      BigInteger bigB = BigInteger.valueOf(b);
      boolean sizes = a >= 0 && b >= 0;
      check(sizes, bigA.add(bigB), () -> Allocations.sum(a, b));
      check(sizes, bigA.multiply(bigB), () -> Allocations.product(a, b));
    }
  }

  private interface Sizes {
    long compute();
  }

  private static void check(boolean sizes, BigInteger expected, Sizes actual) {
    if (sizes && expected.compareTo(MAX) <= 0) {
      assertEquals(expected.longValueExact(), actual.compute());
    } else {
      assertThrows(IllegalArgumentException.class, actual::compute);
    }
  }

  @Test
  void allocate_exhausted_throwsTheFailure() {
    try (Allocator allocator = Allocators.system()) {
      AllocationException refusal =
          assertThrows(
              AllocationException.class, () -> Allocations.allocate(allocator, 1L << 62, 16));
      assertEquals(1L << 62, refusal.byteSize());
      assertEquals(16, refusal.byteAlignment());
      assertEquals("system", refusal.allocator());
      assertThrows(
          AllocationException.class, () -> Allocations.allocateZeroed(allocator, 1L << 62, 16));
      assertThrows(
          IllegalArgumentException.class,
          () -> Allocations.allocateArray(allocator, Long.MAX_VALUE, 2, 16));
      assertThrows(
          IllegalArgumentException.class, () -> Allocations.allocateArray(allocator, 0, 8, 16));
    }
  }

  @Test
  void reallocate_exhausted_leavesTheBlock() {
    try (Allocator allocator = Allocators.system()) {
      long address = Allocations.allocateArray(allocator, 4, 8, 8);
      assertNotEquals(Allocator.NULL, address);
      Memory.putLong(address + 24, 5);
      assertThrows(
          AllocationException.class,
          () -> Allocations.reallocate(allocator, address, 32, 1L << 62, 8));
      assertEquals(5, Memory.getLong(address + 24));
      long moved = Allocations.reallocate(allocator, address, 32, 64, 8);
      assertEquals(5, Memory.getLong(moved + 24));
      allocator.free(moved, 64, 8);
    }
  }

  @Test
  void failure_withLimit_saysAll() {
    AllocationException failure = new AllocationException("request", 4096, 16, 1000, 2048);
    assertTrue(
        failure
            .getMessage()
            .contains(
                "allocator 'request' has no room for 4096 bytes aligned to 16; 1000 of 2048 bytes"
                    + " in use"),
        failure::getMessage);
    assertEquals(1000, failure.inUse());
    assertEquals(2048, failure.limit());
  }
}
