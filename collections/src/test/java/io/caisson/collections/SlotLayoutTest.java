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
  void bytesLongSlot_isAnAddressAFingerprintAndAValue() {
    assertEquals(24, BytesLongSlot.SIZE);
    assertEquals(0, BytesLongSlot.KEY_ADDRESS);
    assertEquals(8, BytesLongSlot.FINGERPRINT);
    assertEquals(16, BytesLongSlot.VALUE);
  }
}
