package io.caisson.alloc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.caisson.alloc.SlabLayout.Superblock;
import org.junit.jupiter.api.Test;

class SlabLayoutTest {

  @Test
  void superblock_sizesAndOffsets_arePinned() {
    assertEquals(64 << 10, Superblock.SIZE);
    assertEquals(0x7fff_ffff_0001_0000L, Superblock.of(0x7fff_ffff_0001_ffffL));
    assertEquals(128, Superblock.HEADER_SIZE);
    assertEquals(0, Superblock.NEXT);
    assertEquals(8, Superblock.PREVIOUS);
    assertEquals(16, Superblock.FREE_HEAD);
    assertEquals(24, Superblock.FREE_COUNT);
    assertEquals(32, Superblock.UNTOUCHED);
  }
}
