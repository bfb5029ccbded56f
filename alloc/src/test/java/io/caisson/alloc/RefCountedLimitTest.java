package io.caisson.alloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RefCountedLimitTest {

  @Test
  void retain_atTheGreatestCount_throwsAndCountsNothing() {
    RefCounted<String> shared =
        RefCounted.retained("shared", value -> {}, Integer.MAX_VALUE - 1).retain();
    assertEquals(Integer.MAX_VALUE, shared.count());
    IllegalStateException refused = assertThrows(IllegalStateException.class, shared::retain);
    assertTrue(refused.getMessage().contains("2147483647"), refused::getMessage);
    assertEquals(Integer.MAX_VALUE, shared.count());
    assertFalse(shared.release());
    assertEquals(Integer.MAX_VALUE, shared.retain().count());
  }
}
