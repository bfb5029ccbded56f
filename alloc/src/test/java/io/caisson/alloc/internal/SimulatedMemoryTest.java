package io.caisson.alloc.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.caisson.alloc.Allocators;
import io.caisson.alloc.CheckedMemoryException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Runs in a JVM whose memory is simulated; in any other every test is skipped. */
@Tag("simulated")
class SimulatedMemoryTest {

  private static final String OWNER = "test";

  @BeforeEach
  void beginAfresh() {
    assumeTrue(Memory.SIMULATED, "memory is not simulated");
    SimulatedMemory.reset();
  }

  private static long allocate(long byteSize) {
    return SimulatedMemory.allocate(OWNER, byteSize, 8, true);
  }

  private static void assertViolation(String what, Runnable misuse) {
    CheckedMemoryException found = assertThrows(CheckedMemoryException.class, misuse::run);
    assertTrue(found.getMessage().contains(what), found::getMessage);
  }

  @Test
  void everyAccessor_atAnyAlignment_readsWhatWasWritten() {
    long block = allocate(64);
    for (long address = block; address < block + 16; address++) {
      Memory.putByte(address, (byte) -5);
      assertEquals(-5, Memory.getByte(address));
      Memory.putShort(address, Short.MIN_VALUE);
      assertEquals(Short.MIN_VALUE, Memory.getShort(address));
      Memory.putInt(address, 0x92345678);
      assertEquals(0x92345678, Memory.getInt(address));
      Memory.putLong(address, 0xF23456789ABCDEF0L);
      assertEquals(0xF23456789ABCDEF0L, Memory.getLong(address));
      Memory.putLongLittleEndian(address, Memory.getLongLittleEndian(address));
      assertEquals(0xF23456789ABCDEF0L, Memory.getLongLittleEndian(address));
      assertEquals((byte) 0xF2, Memory.getByte(address + 7));
      Memory.putDouble(address, -Math.PI);
      assertEquals(-Math.PI, Memory.getDouble(address));
    }
  }

  @Test
  void orderedAccessors_alignedOrNot_workOrThrow() {
    long block = allocate(16);
    Memory.putLongRelease(block, 7);
    assertEquals(7, Memory.getLongAcquire(block));
    assertTrue(Memory.compareAndSetLong(block, 7, 8));
    assertFalse(Memory.compareAndSetLong(block, 7, 9));
    assertEquals(8, Memory.getLong(block));
    assertThrows(IllegalArgumentException.class, () -> Memory.getLongAcquire(block + 1));
    assertThrows(IllegalArgumentException.class, () -> Memory.putLongRelease(block + 1, 0));
    assertThrows(IllegalArgumentException.class, () -> Memory.compareAndSetLong(block + 4, 0, 1));
  }

  @Test
  void bulkAccessors_atRandom_agreeWithAnArray() {
    long seed = System.nanoTime();
    System.out.println("bulkAccessors_atRandom: seed " + seed);
    Random random = new Random(seed);
    byte[] model = new byte[100];
    long block = allocate(model.length);
    for (int i = 0; i < 2000; i++) {
      int size = random.nextInt(40);
      int a = random.nextInt(model.length - size);
      int b = random.nextInt(model.length - size);
      switch (random.nextInt(4)) {
        case 0 -> {
          Memory.copy(block + a, block + b, size);
          System.arraycopy(model, a, model, b, size);
        }
        case 1 -> {
          Memory.fill(block + a, size, (byte) i);
          Arrays.fill(model, a, a + size, (byte) i);
        }
        case 2 -> {
          Memory.copyFrom(MemorySegment.ofArray(model.clone()), a, block + b, size);
          System.arraycopy(model, a, model, b, size);
        }
        default ->
            assertEquals(
                Arrays.mismatch(model, a, a + size, model, b, b + size),
                Memory.mismatch(block + a, block + b, size));
      }
      byte[] now = new byte[model.length];
      Memory.copyTo(block, MemorySegment.ofArray(now), 0, now.length);
      assertArrayEquals(model, now);
    }
  }

  @Test
  void copyToAndFrom_rangeOutsideTheSegment_throwsBeforeAnything() {
    long block = allocate(8);
    MemorySegment four = MemorySegment.ofArray(new byte[] {1, 2, 3, 4});
    assertThrows(IndexOutOfBoundsException.class, () -> Memory.copyFrom(four, 1, block, 4));
    assertThrows(IndexOutOfBoundsException.class, () -> Memory.copyTo(block, four, 1, 4));
    assertEquals(0, Memory.getLong(block));
    assertEquals(4, four.get(ValueLayout.JAVA_BYTE, 3));
  }

  @Test
  void access_outsideALiveBlock_throwsNamingIt() {
    long block = allocate(12);
    long next = allocate(8);
    assertViolation("overruns block 0x", () -> Memory.getLong(block + 5));
    assertViolation("overruns block 0x", () -> Memory.getByte(block + 12));
    assertViolation("in no block", () -> Memory.getByte(block + 16));
    assertViolation("in no block", () -> Memory.getByte(next - 1));
    assertViolation("in no block", () -> Memory.putByte(next + 4096, (byte) 0));
    assertViolation("in no block", () -> Memory.getLong(Memory.NULL));
    assertViolation("in no block", () -> Memory.getLong(-8));
    assertViolation("overruns", () -> Memory.fill(block, 13, (byte) 0));
    assertViolation("overruns", () -> Memory.copy(next, block + 8, 8));
    assertViolation("overruns", () -> Memory.mismatch(next, block + 8, 8));
    SimulatedMemory.free(OWNER, next, 8, 8);
    assertViolation(
        "use after free: access to 4 bytes at 0x" + Long.toHexString(next + 4) + " of block 0x",
        () -> Memory.putInt(next + 4, 1));
    assertViolation("aligned to 8, freed", () -> Memory.getLong(next));
  }

  @Test
  void free_misuse_throwsNamingTheState() {
    long block = allocate(24);
    assertViolation("where no block starts", () -> SimulatedMemory.free(OWNER, block + 8, 16, 8));
    assertViolation("foreign", () -> SimulatedMemory.free("other", block, 24, 8));
    assertViolation("free as 16 bytes", () -> SimulatedMemory.free(OWNER, block, 16, 8));
    assertViolation("aligned to 16", () -> SimulatedMemory.free(OWNER, block, 24, 16));
    SimulatedMemory.free(OWNER, block, 24, 8);
    assertViolation("double free", () -> SimulatedMemory.free(OWNER, block, 24, 8));
    assertViolation("resize after free", () -> SimulatedMemory.resize(OWNER, block, 24, 16, 8));
  }

  @Test
  void markRetired_block_mayBeReadAndFreedButNotRetiredAgain() {
    long block = allocate(8);
    SimulatedMemory.markRetired(block);
    assertEquals(0, Memory.getLong(block));
    assertViolation("double retire", () -> SimulatedMemory.markRetired(block));
    assertViolation("8, retired", () -> SimulatedMemory.markRetired(block));
    SimulatedMemory.free(OWNER, block, 8, 8);
    assertViolation("retire after free", () -> SimulatedMemory.markRetired(block));
    assertViolation("no block starts", () -> SimulatedMemory.markRetired(block + 1));
  }

  @Test
  void allocate_afterFree_givesTheAddressFreedLast() {
    long first = allocate(24);
    long second = allocate(24);
    SimulatedMemory.free(OWNER, second, 24, 8);
    SimulatedMemory.free(OWNER, first, 24, 8);
    assertEquals(first, allocate(24));
    assertEquals(second, SimulatedMemory.allocate(OWNER, 20, 8, false));
    assertNotEquals(0, Memory.getLong(second)); // junk
  }

  @Test
  void allocate_inEachFreshWorld_givesTheSameAddresses() {
    List<List<Long>> runs = new ArrayList<>();
    for (int run = 0; run < 2; run++) {
      SimulatedMemory.reset();
      List<Long> addresses = new ArrayList<>();
      for (int i = 1; i < 300; i++) {
        addresses.add(SimulatedMemory.allocate(OWNER, i, 1L << (i % 8), false));
        if (i % 3 == 0) {
          SimulatedMemory.free(OWNER, addresses.getLast(), i, 1L << (i % 8));
        }
      }
      runs.add(addresses);
    }
    assertEquals(runs.get(0), runs.get(1));
  }

  @Test
  void allocatePermanent_block_survivesAReset() {
    long constant = Memory.allocatePermanent(8, 8);
    long block = allocate(8);
    SimulatedMemory.reset();
    assertEquals(0, Memory.getLong(constant));
    assertViolation("in no block", () -> Memory.getLong(block));
  }

  @Test
  void nativeMemory_isUnsupportedAndSaysWhy() {
    long block = allocate(8);
    List<Runnable> uses =
        List.of(
            Allocators::system,
            () -> Memory.segment(block, 8),
            () -> Memory.addressOf(Arena.ofAuto().allocate(8)),
            () -> Downcalls.find("malloc"),
            () -> MetadataMemory.getLong(block));
    for (Runnable use : uses) {
      UnsupportedOperationException refusal =
          assertThrows(UnsupportedOperationException.class, use::run);
      assertTrue(refusal.getMessage().contains("memory mode 'simulated'"), refusal::getMessage);
    }
  }
}
