package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Breaks a structure in each way that a tally must see. */
class TallyTest {

  @Test
  void assertEachOnce_lostValue_fails() {
    Tally tally = new Tally(1, 2);
    tally.take(Tally.value(0, 0));
    assertFalse(tally.isComplete());
    assertThrows(AssertionError.class, tally::assertEachOnce);
    tally.take(Tally.value(0, 1));
    assertTrue(tally.isComplete());
    tally.assertEachOnce();
  }

  @Test
  void assertEachOnce_doubledValue_fails() {
    Tally tally = new Tally(2, 1);
    tally.take(Tally.value(1, 0));
    tally.take(Tally.value(1, 0));
    assertThrows(AssertionError.class, tally::assertEachOnce);
  }

  @Test
  void take_inventedValue_fails() {
    Tally tally = new Tally(2, 2);
    assertThrows(AssertionError.class, () -> tally.take(Tally.value(2, 0)));
    assertThrows(AssertionError.class, () -> tally.take(Tally.value(0, 2)));
    assertThrows(AssertionError.class, () -> tally.take(-1));
  }

  @Test
  void take_ofOneConsumerOutOfOrder_fails() {
    Tally tally = new Tally(2, 3);
    Tally.InOrder consumer = tally.new InOrder();
    consumer.take(Tally.value(0, 1));
    consumer.take(Tally.value(1, 0));
    consumer.take(Tally.value(0, 2));
    assertThrows(AssertionError.class, () -> consumer.take(Tally.value(0, 0)));
  }
}
