package io.caisson.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.CleanupStack;
import io.caisson.alloc.OwnedBlock;
import io.caisson.alloc.RefCounted;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CleanupStackTest {

  private final List<String> cleaned = new ArrayList<>();

  private Runnable cleanup(String name) {
    return () -> cleaned.add(name);
  }

  private Runnable failing(String name, RuntimeException thrown) {
    return () -> {
      cleaned.add(name);
      throw thrown;
    };
  }

  @Test
  void close_severalRegistered_cleansUpInReverse() {
    try (CleanupStack stack = new CleanupStack()) {
      stack.defer(cleanup("first"));
      AutoCloseable resource = () -> cleaned.add("second");
      assertSame(resource, stack.register(resource));
      assertEquals("third", stack.register("third", cleaned::add));
      assertEquals(List.of(), cleaned);
    }
    assertEquals(List.of("third", "second", "first"), cleaned);
  }

  @Test
  void close_twice_cleansUpOnce() {
    CleanupStack stack = new CleanupStack();
    stack.defer(cleanup("once"));
    stack.close();
    stack.close();
    assertEquals(List.of("once"), cleaned);
  }

  @Test
  void close_someThrow_runsAllAndThrowsTheFirstWithTheOthersSuppressed() {
    RuntimeException one = new RuntimeException("one");
    RuntimeException two = new RuntimeException("two");
    RuntimeException three = new RuntimeException("three");
    CleanupStack stack = new CleanupStack();
    stack.defer(failing("a", three));
    stack.defer(cleanup("b"));
    stack.defer(failing("c", two));
    stack.defer(failing("d", one));
    assertSame(one, assertThrows(RuntimeException.class, stack::close));
    assertArrayEquals(new Throwable[] {two, three}, one.getSuppressed());
    assertEquals(List.of("d", "c", "b", "a"), cleaned);
    stack.close();
    assertEquals(4, cleaned.size());
  }

  @Test
  void close_oneExceptionThrownTwice_isThrown() {
    RuntimeException same = new RuntimeException("same");
    CleanupStack stack = new CleanupStack();
    stack.defer(failing("a", same));
    stack.defer(failing("b", same));
    assertSame(same, assertThrows(RuntimeException.class, stack::close));
    assertEquals(List.of("b", "a"), cleaned);
  }

  @Test
  void close_errorThrown_isThrownAsItIs() {
    StackOverflowError error = new StackOverflowError();
    CleanupStack stack = new CleanupStack();
    stack.defer(cleanup("a"));
    stack.defer(() -> {
      throw error;
    });
    assertSame(error, assertThrows(StackOverflowError.class, stack::close));
    assertEquals(List.of("a"), cleaned);
  }

  @Test
  void close_checkedExceptionThrown_isTheCause() {
    IOException checked = new IOException("disk");
    CleanupStack stack = new CleanupStack();
    stack.register(() -> {
      throw checked;
    });
    IllegalStateException thrown = assertThrows(IllegalStateException.class, stack::close);
    assertSame(checked, thrown.getCause());
  }

  @Test
  void close_interrupted_keepsTheInterrupt() {
    CleanupStack stack = new CleanupStack();
    stack.register(() -> {
      throw new InterruptedException();
    });
    assertThrows(IllegalStateException.class, stack::close);
    assertTrue(Thread.interrupted());
  }

  @Test
  void tryWithResources_bodyThrows_suppressesWhatCleanupsThrow() {
    RuntimeException body = new RuntimeException("body");
    RuntimeException cleanup = new RuntimeException("cleanup");
    RuntimeException thrown =
        assertThrows(
            RuntimeException.class,
            () -> {
              try (CleanupStack stack = new CleanupStack()) {
                stack.defer(failing("a", cleanup));
                throw body;
              }
            });
    assertSame(body, thrown);
    assertArrayEquals(new Throwable[] {cleanup}, body.getSuppressed());
  }

  @Test
  void register_closed_cleansUpAtOnceAndThrows() {
    CleanupStack stack = new CleanupStack();
    stack.close();
    RuntimeException broken = new RuntimeException("broken");
    AutoCloseable resource = () -> cleaned.add("resource");
    assertThrows(IllegalStateException.class, () -> stack.register(resource));
    assertThrows(IllegalStateException.class, () -> stack.register("value", cleaned::add));
    assertThrows(IllegalStateException.class, () -> stack.defer(cleanup("action")));
    IllegalStateException refused =
        assertThrows(IllegalStateException.class, () -> stack.defer(failing("last", broken)));
    assertArrayEquals(new Throwable[] {broken}, refused.getSuppressed());
    assertEquals(List.of("resource", "value", "action", "last"), cleaned);
  }

  @Test
  void register_whileClosing_cleansUpAtOnceAndRunsTheRest() {
    CleanupStack stack = new CleanupStack();
    stack.defer(cleanup("a"));
    stack.defer(() -> stack.defer(cleanup("late")));
    assertThrows(IllegalStateException.class, stack::close);
    assertEquals(List.of("late", "a"), cleaned);
  }

  @Test
  void dismiss_givesUpWhatIsRegisteredAndStaysOpen() {
    try (CleanupStack stack = new CleanupStack()) {
      stack.defer(cleanup("dismissed"));
      stack.dismiss();
      stack.defer(cleanup("later"));
    }
    assertEquals(List.of("later"), cleaned);
  }

  @Test
  void register_blocksAndShares_freesAll() {
    LeakCheck.run(allocator -> {
      try (CleanupStack stack = new CleanupStack()) {
        OwnedBlock block = stack.register(OwnedBlock.allocate(allocator, 100, 8));
        stack.register(RefCounted.of(OwnedBlock.allocate(allocator, 50, 8)), RefCounted::release);
        long raw = allocator.allocate(10, 8);
        stack.defer(() -> allocator.free(raw, 10, 8));
        assertEquals(100, block.byteSize());
      }
    });
  }
}
