package io.caisson.alloc.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout.PathElement;
import org.junit.jupiter.api.Test;

class GuardLayoutTest {

  @Test
  void header_offsets_arePinned() {
    assertEquals(32, GuardLayout.HEADER.byteSize());
    String[] fields = {"magic", "byteSize", "byteAlignment", "owner"};
    for (int i = 0; i < fields.length; i++) {
      assertEquals(
          i * 8L, GuardLayout.HEADER.byteOffset(PathElement.groupElement(fields[i])), fields[i]);
    }
  }

  @Test
  void total_anyAlignment_leavesRoomForHeaderAndRedZones() {
    GuardLayout layout = new GuardLayout(20, 1);
    assertEquals(52, layout.front(1));
    assertEquals(64, layout.front(64));
    assertEquals(4096, layout.front(4096));
    assertEquals(64 + 100 + 20, layout.total(100, 64));
    assertEquals(-1, layout.total(Long.MAX_VALUE - 70, 64));
    assertEquals(Long.MAX_VALUE, layout.total(Long.MAX_VALUE - 84, 64));
  }

  @Test
  void damage_everyByte_isLocated() {
    try (Arena arena = Arena.ofConfined()) {
      GuardLayout layout = new GuardLayout(8, 0x0102030405060708L);
      long base = arena.allocate(256, 16).address();
      long address = base + layout.front(16);
      for (long offset = -40; offset < 33; offset++) {
        layout.mark(address, 25, 16);
        assertEquals(GuardLayout.NONE, layout.damage(address, 25, 16));
        flip(address + offset);
        boolean inside = offset >= 0 && offset < 25;
        assertEquals(inside ? GuardLayout.NONE : offset, layout.damage(address, 25, 16));
        layout.poison(address, 25, 16);
        assertEquals(GuardLayout.NONE, layout.damageAfterFree(address, 25, 16));
        flip(address + offset);
        assertEquals(offset, layout.damageAfterFree(address, 25, 16));
      }
    }
  }

  private static void flip(long address) {
    GuardLayout.fill(address, 1, (byte) ~GuardLayout.byteAt(address));
  }
}
