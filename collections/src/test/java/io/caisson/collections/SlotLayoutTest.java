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
  void internRecord_isSixteenBytes() {
    assertEquals(16, InternRecord.SIZE);
    assertEquals(4, InternRecord.SIZE_SHIFT);
    assertEquals(0, InternRecord.WORD);
    assertEquals(8, InternRecord.BYTE_SIZE);
    assertEquals(12, InternRecord.REFERENCES);
  }
}
