package io.caisson.alloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SlabMagazineTest {

  @Test
  void nextRefill_againAndAgain_doublesUpToHalf() {
    SlabMagazine magazine = new SlabMagazine(200);
    assertEquals(32, magazine.nextRefill());
    assertEquals(64, magazine.nextRefill());
    assertEquals(100, magazine.nextRefill());
    assertEquals(100, magazine.nextRefill());
    assertEquals(1, new SlabMagazine(1).nextRefill());
  }

  @Test
  void pushAndPop_upToCapacity_areLastInFirstOut() {
    SlabMagazine magazine = new SlabMagazine(2);
    assertEquals(Allocator.NULL, magazine.pop());
    assertTrue(magazine.push(16));
    assertTrue(magazine.push(32));
    assertFalse(magazine.push(48));
    assertEquals(32, magazine.pop());
    assertEquals(16, magazine.pop());
    assertEquals(Allocator.NULL, magazine.pop());
    assertEquals(0, magazine.top);
  }

  @Test
  void anyOperation_noCapacity_doesNothing() {
    SlabMagazine magazine = new SlabMagazine(0);
    assertFalse(magazine.push(16));
    assertEquals(Allocator.NULL, magazine.pop());
    assertEquals(0, magazine.top);
  }

  @Test
  void removeBottom_some_keepsTheOthersInOrder() {
    SlabMagazine magazine = new SlabMagazine(5);
    for (long block = 16; block <= 80; block += 16) {
      magazine.push(block);
    }
    magazine.removeBottom(2);
    assertEquals(80, magazine.pop());
    assertEquals(64, magazine.pop());
    assertEquals(48, magazine.pop());
    assertEquals(Allocator.NULL, magazine.pop());
  }

  @Test
  void tryLock_locked_failsUntilUnlocked() {
    SlabMagazine magazine = new SlabMagazine(1);
    assertTrue(magazine.tryLock());
    assertFalse(magazine.tryLock());
    magazine.unlock();
    assertTrue(magazine.tryLock());
  }
}
