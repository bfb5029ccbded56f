package io.caisson.alloc.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.caisson.alloc.CheckedMemoryException;
import org.junit.jupiter.api.Test;

class MetadataMemoryTest {

  @Test
  void unregister_ofARegionAtTheStartOfAnother_leavesTheOuter() {
    assumeTrue(BlockMap.ACTIVE);
    long outer = Memory.allocatePermanent(1024, 8);
    MetadataMemory.register(outer, 1024);
    MetadataMemory.register(outer, 64);
    MetadataMemory.putLong(outer + 512, 7);
    MetadataMemory.unregister(outer);
    assertEquals(7, MetadataMemory.getLong(outer + 512));
    assertThrows(CheckedMemoryException.class, () -> MetadataMemory.getLong(outer + 1024));
    MetadataMemory.unregister(outer);
    assertThrows(CheckedMemoryException.class, () -> MetadataMemory.getLong(outer));
  }
}
