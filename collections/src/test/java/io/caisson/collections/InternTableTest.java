package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.internal.Memory;
import io.caisson.alloc.internal.MemoryMode;
import io.caisson.testkit.LeakCheck;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class InternTableTest extends InternContract {

  private static final int NONE = InternTable.NONE;

  @Override
  Table create(Allocator allocator) {
    return of(new InternTable(allocator, "test"));
  }

  @Override
  Table createForIds(Allocator allocator, int byteSize) {
    return of(InternTable.ofIds(allocator, "ids", byteSize));
  }

  @ParameterizedTest
  @EnumSource(names = {"ARENA", "FIXED"})
  void operations_randomOnAllocatorsOfOneThread_agreeWithHashMap(TestAllocators source) {
    runAtRandom(source);
  }

  @Test
  void lookups_ofExistingBytes_allocateNothingOnTheHeap() {
    assumeTrue(Memory.MODE == MemoryMode.NATIVE, "checked mode has a book of its own");
    LeakCheck.run(allocator -> {
      try (Arena arena = Arena.ofConfined();
          InternTable table = new InternTable(allocator, "test")) {
        MemorySegment text = arena.allocateFrom("some text with tokens in it");
        StringView view = StringView.of(text).subView(5, 9);
        int handle = table.acquire(view);
        table.acquire("größer");
        assertTrue(
            HeapBytes.allocatesNothing(() -> {
              for (int i = 0; i < 100_000; i++) {
                if (table.find(text, 5, 4) != handle
                    || table.find(view) != handle
                    || table.acquire(text, 5, 4) != handle
                    || table.release(handle)
                    || table.find("größer") == NONE
                    || table.find(text, 0, 4) != NONE) {
                  throw new AssertionError("round " + i);
                }
              }
            }));
      }
    });
  }

  /** A canary for the measurement. */
  @Test
  void heapBytes_oneObjectEachTime_areNoticed() {
    List<Object> objects = new ArrayList<>();
    assertFalse(
        HeapBytes.allocatesNothing(() -> {
          for (int i = 0; i < 1000; i++) {
            objects.add(new byte[16]);
          }
        }));
    assertEquals(2000, objects.size());
  }
}
