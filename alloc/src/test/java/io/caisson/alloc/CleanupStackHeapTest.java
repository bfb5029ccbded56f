package io.caisson.alloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The Java heap is exhausted when something is registered. */
class CleanupStackHeapTest {

  /** A list that has room for a number of entries. */
  private static List<CleanupStack.Entry<?>> listWithRoomFor(int capacity) {
    return new ArrayList<>() {
      private static final long serialVersionUID = 1L;

      @Override
      public boolean add(CleanupStack.Entry<?> entry) {
        if (size() == capacity) {
          throw new OutOfMemoryError("no room for an entry");
        }
        return super.add(entry);
      }
    };
  }

  @Test
  void register_heapExhausted_cleansUpAtOnceAndKeepsTheRest() {
    for (int capacity = 0; capacity < 6; capacity++) {
      List<Integer> cleaned = new ArrayList<>();
      CleanupStack stack = new CleanupStack(listWithRoomFor(capacity));
      for (int i = 0; i < capacity; i++) {
        int number = i;
        stack.defer(() -> cleaned.add(number));
      }
      AutoCloseable resource = () -> cleaned.add(-1);
      assertThrows(OutOfMemoryError.class, () -> stack.register(resource));
      assertThrows(OutOfMemoryError.class, () -> stack.register(-2, cleaned::add));
      assertThrows(OutOfMemoryError.class, () -> stack.defer(() -> cleaned.add(-3)));
      assertEquals(List.of(-1, -2, -3), cleaned);
      cleaned.clear();
      stack.close();
      assertEquals(capacity, cleaned.size());
      for (int i = 0; i < capacity; i++) {
        assertEquals(capacity - 1 - i, cleaned.get(i));
      }
    }
  }

  @Test
  void register_heapExhaustedAndCleanupThrows_suppressesIt() {
    IllegalStateException broken = new IllegalStateException("broken");
    try (CleanupStack stack = new CleanupStack(listWithRoomFor(0))) {
      OutOfMemoryError thrown =
          assertThrows(
              OutOfMemoryError.class,
              () ->
                  stack.defer(() -> {
                    throw broken;
                  }));
      assertSame(broken, thrown.getSuppressed()[0]);
    }
  }
}
