package io.caisson.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.MockAllocator;
import io.caisson.alloc.MockAllocator.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class MockAllocatorTest implements AllocatorContract {

  @Override
  public Allocator newAllocator() {
    return new MockAllocator(Allocators.system());
  }

  @Override
  public boolean knowsItsBlocks() {
    return true;
  }

  /** Returns which of 6 calls pass: two of each kind that can fail, in turn. */
  private static List<Boolean> outcomes(UnaryOperator<MockAllocator> rule) {
    try (AccountedAllocator account = Allocators.system()) {
      MockAllocator mock = rule.apply(new MockAllocator(account));
      List<Boolean> passed = new ArrayList<>();
      long kept = account.allocate(8, 8);
      for (int i = 0; i < 2; i++) {
        passed.add(allocateAndFree(mock, mock.allocate(8, 8)));
        passed.add(allocateAndFree(mock, mock.allocateZeroed(8, 8)));
        long moved = mock.reallocate(kept, 8, 8, 8);
        kept = moved == Allocator.NULL ? kept : moved;
        passed.add(moved != Allocator.NULL);
      }
      mock.free(kept, 8, 8);
      assertEquals(6, mock.attempts());
      return passed;
    }
  }

  private static boolean allocateAndFree(Allocator allocator, long address) {
    allocator.free(address, 8, 8);
    return address != Allocator.NULL;
  }

  @Test
  void failNth_failsThatCallOnce() {
    assertEquals(List.of(true, true, true, true, true, true), outcomes(m -> m.failNth(0)));
    assertEquals(List.of(false, true, true, true, true, true), outcomes(m -> m.failNth(1)));
    assertEquals(List.of(true, true, false, true, true, true), outcomes(m -> m.failNth(3)));
  }

  @Test
  void failAfter_failsFromThatCallOn() {
    assertEquals(List.of(true, true, true, true, true, true), outcomes(m -> m.failAfter(0)));
    assertEquals(List.of(true, true, true, false, false, false), outcomes(m -> m.failAfter(4)));
    assertEquals(List.of(false, false, false, false, false, false), outcomes(m -> m.failAfter(1)));
  }

  @Test
  void script_decidesCallByCall() {
    assertEquals(
        List.of(true, false, false, true, true, true), outcomes(m -> m.script(true, false, false)));
  }

  @Test
  void failAbove_decidesBySize() {
    assertEquals(List.of(true, true, true, true, true, true), outcomes(m -> m.failAbove(8)));
    assertEquals(List.of(false, false, false, false, false, false), outcomes(m -> m.failAbove(7)));
  }

  @Test
  void failNth_negative_throws() {
    try (AccountedAllocator account = Allocators.system()) {
      MockAllocator mock = new MockAllocator(account);
      assertThrows(IllegalArgumentException.class, () -> mock.failNth(-1));
      assertThrows(IllegalArgumentException.class, () -> mock.failAfter(-1));
    }
  }

  @Test
  void refuseResize_leavesMovingOnly() {
    try (AccountedAllocator account = Allocators.system()) {
      MockAllocator mock = new MockAllocator(account).refuseResize();
      long address = mock.allocate(100, 8);
      assertFalse(mock.resize(address, 100, 100, 8));
      mock.free(address, 100, 8);
    }
  }

  @Test
  void pause_letsCallsPassUncounted() {
    try (AccountedAllocator account = Allocators.system()) {
      MockAllocator mock = new MockAllocator(account).failAfter(1);
      mock.pause();
      long address = mock.allocate(8, 8);
      mock.free(address, 8, 8);
      mock.resume();
      assertEquals(0, mock.attempts());
      assertEquals(Allocator.NULL, mock.allocate(8, 8));
      assertEquals(1, mock.failures());
      assertEquals(1, mock.calls().size());
      assertThrows(IllegalArgumentException.class, () -> mock.resize(0, 8, 8, 8));
    }
  }

  @Test
  void calls_areRecordedInOrder() {
    try (AccountedAllocator account = Allocators.system()) {
      MockAllocator mock = new MockAllocator(account).failNth(2);
      long address = mock.allocate(24, 8);
      var _ = mock.allocateZeroed(32, 16);
      mock.free(address, 24, 8);
      assertEquals(
          List.of(
              new MockAllocator.Call(Operation.ALLOCATE, 24, 8, address),
              new MockAllocator.Call(Operation.ALLOCATE_ZEROED, 32, 16, Allocator.NULL),
              new MockAllocator.Call(Operation.FREE, 24, 8, address)),
          mock.calls());
    }
  }

  @Test
  void fromEnvironment_property_failsTheNth() {
    String property = "caisson.test.oom-n";
    try (AccountedAllocator account = Allocators.system()) {
      System.setProperty(property, "2");
      MockAllocator mock = MockAllocator.fromEnvironment(account);
      mock.free(mock.allocate(8, 8), 8, 8);
      assertEquals(Allocator.NULL, mock.allocate(8, 8));
      System.setProperty(property, "two");
      IllegalArgumentException bad =
          assertThrows(
              IllegalArgumentException.class, () -> MockAllocator.fromEnvironment(account));
      assertTrue(bad.getMessage().contains(property), bad::getMessage);
    } finally {
      System.clearProperty(property);
    }
  }
}
