package io.caisson.examples.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocators;
import io.caisson.collections.BytesTable;
import io.caisson.collections.InternTable;
import io.caisson.collections.LongLongTable;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Any sequence of operations leaves a table as it leaves a map of the JDK. */
class TableFuzzTest {

  private static final int MUTATIONS = 300;

  // ---- long to long -----------------------------------------------------------------------------

  @FuzzTest
  void longs_anyOperations_agreeWithHashMap(byte[] input) {
    longs(input);
  }

  @Test
  void longs_changedOperations_agreeWithHashMap() throws Exception {
    Corpus.mutate(
        getClass(), "longs_anyOperations_agreeWithHashMap", MUTATIONS, TableFuzzTest::longs);
  }

  private static void longs(byte[] bytes) {
    Input input = new Input(bytes);
    Map<Long, Long> model = new HashMap<>();
    try (AccountedAllocator allocator = Allocators.system();
        LongLongTable table = new LongLongTable(allocator)) {
      while (!input.isAtEnd()) {
        int operation = input.nextByte();
        long key = input.nextByte();
        long value = operation;
        switch (operation % 8) {
          case 0, 1, 2 -> assertEquals(or(model.put(key, value), -1), table.put(key, value, -1));
          case 3 -> assertEquals(or(model.remove(key), -1), table.remove(key, -1));
          case 4 -> {
            for (int i = 0; i < 40; i++) { // enough to expect hits, or misses
              assertEquals(model.getOrDefault(key, -1L), table.get(key, -1));
            }
          }
          case 5 -> assertEquals(model.merge(key, value, Long::sum), table.addTo(key, value));
          case 6 -> {
            for (LongLongTable.Cursor at = table.cursor(); at.next(); ) {
              if (at.key() % 3 == key % 3) {
                at.remove();
              }
            }
            model.keySet().removeIf(k -> k % 3 == key % 3);
          }
          default -> {
            if (operation > 200) {
              model.clear();
              table.clear();
            } else {
              table.trimToSize();
            }
          }
        }
        assertEquals(model.size(), table.size());
      }
      assertEquals(model, table.asMap());
    }
  }

  private static long or(@Nullable Long value, long absent) {
    return value == null ? absent : value;
  }

  // ---- bytes to bytes ---------------------------------------------------------------------------

  @FuzzTest
  void bytes_anyOperations_agreeWithHashMap(byte[] input) {
    bytes(input);
  }

  @Test
  void bytes_changedOperations_agreeWithHashMap() throws Exception {
    Corpus.mutate(
        getClass(), "bytes_anyOperations_agreeWithHashMap", MUTATIONS, TableFuzzTest::bytes);
  }

  private static void bytes(byte[] bytes) {
    Input input = new Input(bytes);
    Map<ByteBuffer, ByteBuffer> model = new HashMap<>();
    try (AccountedAllocator allocator = Allocators.system();
        BytesTable table = new BytesTable(allocator)) {
      while (!input.isAtEnd()) {
        int operation = input.nextByte();
        byte[] key = input.nextBytes((operation >>> 3) & 3);
        ByteBuffer keyOfModel = ByteBuffer.wrap(key);
        switch (operation & 7) {
          case 0, 1, 2 -> {
            byte[] value = input.nextBytes(operation >>> 5);
            boolean isNew = model.put(keyOfModel, ByteBuffer.wrap(value)) == null;
            assertEquals(isNew, table.put(key, value));
          }
          case 3 -> assertEquals(model.remove(keyOfModel) != null, table.remove(key));
          case 4 -> assertEquals(model.containsKey(keyOfModel), table.containsKey(key));
          case 5 -> table.trimToSize();
          default -> {
            ByteBuffer value = model.get(keyOfModel);
            assertEquals(value == null ? -1 : value.remaining(), table.valueByteSize(key));
          }
        }
        assertEquals(model.size(), table.size());
      }
      assertEquals(model, table.asMap());
    }
  }

  // ---- interning --------------------------------------------------------------------------------

  @FuzzTest
  void intern_anyOperations_agreeWithCounts(byte[] input) {
    intern(input);
  }

  @Test
  void intern_changedOperations_agreeWithCounts() throws Exception {
    Corpus.mutate(
        getClass(), "intern_anyOperations_agreeWithCounts", MUTATIONS, TableFuzzTest::intern);
  }

  private static void intern(byte[] bytes) {
    Input input = new Input(bytes);
    Map<ByteBuffer, Integer> handles = new HashMap<>();
    Map<ByteBuffer, Integer> counts = new HashMap<>();
    try (AccountedAllocator allocator = Allocators.system();
        InternTable table = new InternTable(allocator, "fuzz")) {
      while (!input.isAtEnd()) {
        int operation = input.nextByte();
        byte[] text = new byte[operation % 3 == 2 ? 250 + operation / 16 : operation / 16];
        if (text.length > 0) {
          text[text.length / 2] = (byte) input.nextByte();
        }
        ByteBuffer key = ByteBuffer.wrap(text);
        int expected = handles.getOrDefault(key, InternTable.NONE);
        assertEquals(expected, table.find(text));
        if ((operation & 1) == 0) {
          int handle = table.acquire(text);
          handles.put(key, handle);
          counts.merge(key, 1, Integer::sum);
          assertEquals(counts.get(key), table.references(handle));
        } else if (expected != InternTable.NONE) {
          int left = counts.merge(key, -1, Integer::sum);
          assertEquals(left == 0, table.release(expected));
          if (left == 0) {
            handles.remove(key);
            counts.remove(key);
          }
        }
        assertEquals(handles.size(), table.size());
      }
      handles.forEach((key, handle) -> {
        assertEquals(key, table.view(handle).asByteBuffer());
        assertEquals(handle, table.find(MemorySegment.ofBuffer(key), 0, key.remaining()));
      });
    }
  }
}
