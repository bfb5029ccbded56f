package io.caisson.alloc.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.CheckedMemoryException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;

class MemoryTest {

  private static void withBlock(long byteSize, LongConsumer test) {
    try (Allocator allocator = Allocators.system()) {
      long address = allocator.allocateZeroed(byteSize, 16);
      test.accept(address);
      allocator.free(address, byteSize, 16);
    }
  }

  @Test
  void everyAccessor_atAnyAlignment_readsWhatWasWritten() {
    withBlock(
        64,
        block -> {
          for (long address = block; address < block + 16; address++) {
            Memory.putByte(address, (byte) -5);
            assertEquals(-5, Memory.getByte(address));
            Memory.putShort(address, Short.MIN_VALUE);
            assertEquals(Short.MIN_VALUE, Memory.getShort(address));
            Memory.putInt(address, 0x12345678);
            assertEquals(0x12345678, Memory.getInt(address));
            Memory.putLong(address, 0x123456789ABCDEF0L);
            assertEquals(0x123456789ABCDEF0L, Memory.getLong(address));
            Memory.putDouble(address, Math.PI);
            assertEquals(Math.PI, Memory.getDouble(address));
          }
        });
  }

  @Test
  void littleEndianAccessors_haveTheFirstByteLowest() {
    withBlock(
        8,
        address -> {
          Memory.putByte(address, (byte) 0x7F);
          assertEquals(0x7F, Memory.getLongLittleEndian(address));
          Memory.putLongLittleEndian(address, 0x77);
          assertEquals(0x77, Memory.getByte(address));
          assertEquals(0x77, Memory.getLongLittleEndian(address));
        });
  }

  @Test
  void orderedAccessors_readWhatWasWritten() {
    withBlock(
        16,
        address -> {
          Memory.putLongRelease(address, 7);
          assertEquals(7, Memory.getLongAcquire(address));
          assertTrue(Memory.compareAndSetLong(address, 7, 8));
          assertFalse(Memory.compareAndSetLong(address, 7, 9));
          assertEquals(8, Memory.getLong(address));
          assertThrows(
              IllegalArgumentException.class, () -> Memory.compareAndSetLong(address + 1, 0, 1));
        });
  }

  @Test
  void bulkAccessors_moveCompareAndFill() {
    withBlock(
        64,
        address -> {
          byte[] bytes = {1, 2, 3, 4, 5, 6, 7, 8};
          byte[] back = new byte[8];
          Memory.copyFrom(MemorySegment.ofArray(bytes), 2, address, 6);
          Memory.copy(address, address + 2, 6); // overlapping
          Memory.copyTo(address, MemorySegment.ofArray(back), 0, 8);
          assertArrayEquals(new byte[] {3, 4, 3, 4, 5, 6, 7, 8}, back);
          assertEquals(-1, Memory.mismatch(address, address + 2, 2));
          assertEquals(2, Memory.mismatch(address, address + 2, 4));
          Memory.fill(address + 1, 3, (byte) 9);
          assertEquals(0x0509090903L, Memory.getLongLittleEndian(address) & 0xFFFFFFFFFFL);
          assertEquals(9, Memory.segment(address, 8).get(ValueLayout.JAVA_BYTE, 3));
          Memory.copy(0, 0, 0);
          Memory.fill(0, 0, (byte) 0);
          assertEquals(-1, Memory.mismatch(0, 0, 0));
          assertThrows(
              IndexOutOfBoundsException.class,
              () -> Memory.copyFrom(MemorySegment.ofArray(bytes), 3, address, 6));
        });
  }

  @Test
  void addressOf_segments_followsTheirScope() {
    assertThrows(
        IllegalArgumentException.class, () -> Memory.addressOf(MemorySegment.ofArray(new byte[8])));
    long address;
    MemorySegment segment;
    try (Arena arena = Arena.ofConfined()) {
      segment = arena.allocate(64, 8);
      address = Memory.addressOf(segment.asSlice(8, 16));
      assertEquals(segment.address() + 8, address);
      Memory.putLong(address + 8, 3);
      Memory.addressOf(segment.asSlice(16, 32)); // overlaps the first and adds to it
      Memory.putLong(address + 32, 4);
      if (BlockMap.ACTIVE) {
        assertThrows(CheckedMemoryException.class, () -> Memory.getLong(address + 40));
      }
      Memory.addressOf(segment);
      assertEquals(0, Memory.getLong(address + 40));
    }
    assertThrows(IllegalStateException.class, () -> Memory.addressOf(segment));
    if (BlockMap.ACTIVE) {
      assertThrows(CheckedMemoryException.class, () -> Memory.getLong(address));
    }
  }

  @Test
  void addressOf_ownSegmentOfAFreedBlock_isCaughtAndHidesNothing() {
    assumeTrue(BlockMap.ACTIVE);
    try (Allocator allocator = Allocators.system()) {
      long address = allocator.allocate(8, 8);
      MemorySegment segment = Memory.segment(address, 8);
      allocator.free(address, 8, 8);
      assertThrows(CheckedMemoryException.class, () -> Memory.addressOf(segment));
      assertThrows(CheckedMemoryException.class, () -> Memory.getLong(address));
    }
  }

  @Test
  void addressOf_segmentOfAnotherThread_isRefused() throws InterruptedException {
    MemorySegment[] confined = new MemorySegment[1];
    Thread.ofPlatform().start(() -> confined[0] = Arena.ofConfined().allocate(8)).join();
    assertThrows(IllegalStateException.class, () -> Memory.addressOf(confined[0]));
  }

  @Test
  void checkedMode_randomBlocksAndAccesses_agreesWithAModel() {
    assumeTrue(BlockMap.ACTIVE);
    long seed = System.nanoTime();
    System.out.println("checkedMode_randomBlocks: seed " + seed);
    Random random = new Random(seed);
    try (Allocator allocator = Allocators.system()) {
      TreeMap<Long, Long> live = new TreeMap<>();
      List<Long> addresses = new ArrayList<>();
      for (int i = 0; i < 20_000; i++) {
        if (random.nextInt(3) == 0 && !live.isEmpty()) {
          Long address = live.ceilingKey(random.nextLong(live.lastKey() + 1));
          allocator.free(address, live.remove(address), 8);
        } else if (random.nextInt(3) == 0) {
          long byteSize = 1L + random.nextInt(200);
          long address = allocator.allocate(byteSize, 8);
          live.put(address, byteSize);
          addresses.add(address);
        } else if (!addresses.isEmpty()) {
          long address = addresses.get(random.nextInt(addresses.size())) + random.nextInt(240) - 20;
          assertEquals(
              isLive(live, address), admits(address), () -> "0x" + Long.toHexString(address));
        }
      }
      live.forEach((address, byteSize) -> allocator.free(address, byteSize, 8));
    }
  }

  private static boolean isLive(NavigableMap<Long, Long> live, long address) {
    Map.Entry<Long, Long> block = live.floorEntry(address);
    return block != null && address + 4 <= block.getKey() + block.getValue();
  }

  private static boolean admits(long address) {
    try {
      Memory.getInt(address);
      return true;
    } catch (CheckedMemoryException e) {
      return false;
    }
  }

  @Test
  void parse_unknownMode_throwsNamingIt() {
    assertEquals(MemoryMode.CHECKED, MemoryMode.parse("checked"));
    assertEquals(MemoryMode.NATIVE, MemoryMode.parse("native"));
    assertEquals(MemoryMode.SIMULATED, MemoryMode.parse("simulated"));
    IllegalArgumentException bad =
        assertThrows(IllegalArgumentException.class, () -> MemoryMode.parse("fast"));
    assertTrue(bad.getMessage().contains("caisson.memory"), bad::getMessage);
  }
}
