package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Pins the sizes and offsets that the tables' figures of bytes an entry stand on. */
class SlotLayoutTest {

  @Test
  void longLongSlot_isAKeyAndAValue() {
    assertEquals(16, LongLongTable.Slot.SIZE);
    assertEquals(0, LongLongTable.Slot.KEY);
    assertEquals(8, LongLongTable.Slot.VALUE);
  }

  @Test
  void bytesSlot_isAnAddressAFingerprintAndAValue() {
    assertEquals(16, BytesSlot.KEY_SIZE);
    assertEquals(24, BytesSlot.SIZE);
    assertEquals(0, BytesSlot.KEY_ADDRESS);
    assertEquals(8, BytesSlot.FINGERPRINT);
    assertEquals(16, BytesSlot.VALUE);
  }

  @Test
  void internPage_isAHeadAndAGenerationForEachPlace() {
    assertEquals(88, InternPage.SIZE);
    assertEquals(0, InternPage.ADDRESS);
    assertEquals(8, InternPage.LIVE);
    assertEquals(16, InternPage.NEXT);
    assertEquals(20, InternPage.PAYLOAD);
    assertEquals(22, InternPage.PLACES);
    assertEquals(23, InternPage.APART);
    assertEquals(24, InternPage.GENERATIONS);
    assertEquals(4, InternPage.COUNT_SIZE);
    assertEquals(12, InternPage.APART_PAYLOAD);
  }

  @Test
  void internChunk_isACacheLine() {
    assertEquals(64, InternChunk.SIZE);
    assertEquals(0, InternChunk.TAGS);
    assertEquals(12, InternChunk.PASSED);
    assertEquals(16, InternChunk.FIRST_SLOT);
    assertEquals(48, InternChunk.NINTH_SLOT);
  }
}
