package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.PoolAllocator;
import io.caisson.testkit.LeakCheck;
import io.caisson.testkit.OomSweep;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests {@link LongLinkedList} and {@link StructLinkedList}, and the core under both. */
class LinkedListTest {

  private static List<Long> values(LongLinkedList list) {
    List<Long> values = new ArrayList<>();
    list.forEach(values::add);
    List<Long> backwards = new ArrayList<>();
    for (long h = list.last(); h != LongLinkedList.NONE; h = list.previous(h)) {
      backwards.addFirst(list.get(h));
    }
    assertEquals(values, backwards);
    return values;
  }

  @Test
  void layout_ofANode_isTwoLinksAndAStampInCheckedMode() {
    assertEquals(0, LinkLayout.PREVIOUS);
    assertEquals(8, LinkLayout.NEXT);
    assertEquals(LinkLayout.STAMPED ? 24 : 16, LinkLayout.SIZE);
    assertEquals(LinkLayout.SIZE + 8, LongLinkedList.poolProfile().blockByteSize());
    assertEquals(LinkLayout.STAMPED ? 48 : 32, StructLinkedList.poolProfile(16).blockByteSize());
    assertEquals(16, StructLinkedList.poolProfile(16).blockByteAlignment());
    assertEquals(LinkLayout.SIZE + 3, StructLinkedList.poolProfile(3).blockByteSize());
  }

  @Test
  void insert_everyPlace_keepsOrder() {
    LeakCheck.run(allocator -> {
      try (LongLinkedList list = new LongLinkedList(allocator)) {
        assertEquals(LongLinkedList.NONE, list.first());
        assertEquals(LongLinkedList.NONE, list.last());
        long three = list.addLast(3);
        long one = list.addFirst(1);
        long two = list.insertAfter(one, 2);
        list.insertBefore(one, 0);
        list.insertAfter(three, 4);
        assertEquals(List.of(0L, 1L, 2L, 3L, 4L), values(list));
        list.set(two, 20);
        assertEquals(20, list.remove(two));
        list.moveToFirst(three);
        list.moveToLast(one);
        list.moveToLast(one);
        list.moveToFirst(three);
        assertEquals(List.of(3L, 0L, 4L, 1L), values(list));
        assertEquals(one, list.last());
        list.checkInvariants();
        assertThrows(IllegalArgumentException.class, () -> list.get(LongLinkedList.NONE));
        assertThrows(
            IllegalArgumentException.class, () -> list.insertAfter(LongLinkedList.NONE, 1));
      }
    });
  }

  @Test
  void forEach_listChanged_throws() {
    LeakCheck.run(allocator -> {
      try (LongLinkedList list = new LongLinkedList(allocator)) {
        list.addLast(1);
        list.addLast(2);
        assertThrows(
            ConcurrentModificationException.class, () -> list.forEach(value -> list.addLast(3)));
        assertThrows(
            ConcurrentModificationException.class,
            () -> list.forEach(value -> list.remove(list.first())));
        assertThrows(
            ConcurrentModificationException.class, () -> list.forEach(value -> list.close()));
      }
    });
  }

  /** The handle of a removed element is refused, whatever became of its memory. */
  @Test
  void handle_stale_isCaughtInCheckedMode() {
    assumeTrue(LinkLayout.STAMPED, "handles are trusted in native mode");
    LeakCheck.run(parent -> {
      try (PoolAllocator pool = new PoolAllocator(parent, LongLinkedList.poolProfile());
          LongLinkedList list = new LongLinkedList(pool);
          LongLinkedList other = new LongLinkedList(pool)) {
        list.addLast(1);
        long stale = list.addLast(2);
        list.remove(stale);
        assertRefused(list, stale);
        long reused = list.addLast(3);
        while ((reused ^ stale) << 16 != 0) { // until the pool gives the same block again
          reused = list.addLast(3);
        }
        assertNotEquals(stale, reused);
        assertRefused(list, stale);
        list.remove(reused);
        long foreign = other.addLast(4);
        assertRefused(list, foreign);
        assertEquals(4, other.get(foreign));
      }
    });
  }

  private static void assertRefused(LongLinkedList list, long handle) {
    List<Consumer<Long>> uses =
        List.of(
            list::get,
            h -> list.set(h, 1),
            list::remove,
            list::next,
            list::previous,
            list::moveToFirst,
            list::moveToLast,
            h -> list.insertBefore(h, 1),
            h -> list.insertAfter(h, 1));
    for (Consumer<Long> use : uses) {
      assertThrows(IllegalStateException.class, () -> use.accept(handle));
    }
    list.checkInvariants();
  }

  @Test
  void handle_ofAnEmptyList_isRefusedInEveryMode() {
    LeakCheck.run(allocator -> {
      try (LongLinkedList list = new LongLinkedList(allocator)) {
        long stale = list.addLast(1);
        list.clear();
        assertThrows(IllegalStateException.class, () -> list.get(stale));
      }
    });
  }

  @Test
  void nodes_fromAPool_fitItsBlocks() {
    LeakCheck.run(parent -> {
      try (PoolAllocator pool = new PoolAllocator(parent, LongLinkedList.poolProfile());
          LongLinkedList list = new LongLinkedList(pool);
          PoolAllocator structs = new PoolAllocator(parent, StructLinkedList.poolProfile(48));
          StructLinkedList records = new StructLinkedList(structs, 48)) {
        randomSteps(list, new Random(5), 2000);
        for (int i = 0; i < 100; i++) {
          records.addLast();
        }
        assertEquals(list.size(), pool.stats().liveBlocks());
        assertEquals(100, structs.stats().liveBlocks());
      }
    });
  }

  @ParameterizedTest
  @EnumSource
  void operations_random_agreeWithArrayList(TestAllocators source) {
    long seed = Long.getLong("caisson.test.seed", System.nanoTime());
    System.out.println("LinkedListTest over " + source + ": seed " + seed);
    source.run(allocator -> {
      try (LongLinkedList list = new LongLinkedList(allocator)) {
        randomSteps(list, new Random(seed), 4000);
      }
    });
  }

  private static void randomSteps(LongLinkedList list, Random random, int steps) {
    List<Long> model = new ArrayList<>();
    List<Long> handles = new ArrayList<>();
    for (int i = 0; i < steps; i++) {
      int at = model.isEmpty() ? 0 : random.nextInt(model.size());
      boolean some = !model.isEmpty();
      long value = random.nextLong();
      switch (random.nextInt(some ? 10 : 2)) {
        case 0, 8 -> insert(model, handles, 0, value, list.addFirst(value));
        case 1, 9 -> insert(model, handles, model.size(), value, list.addLast(value));
        case 2 -> insert(model, handles, at, value, list.insertBefore(handles.get(at), value));
        case 3 -> insert(model, handles, at + 1, value, list.insertAfter(handles.get(at), value));
        case 4 -> {
          list.moveToFirst(handles.get(at));
          insert(model, handles, 0, model.remove(at), handles.remove(at));
        }
        case 5 -> {
          list.moveToLast(handles.get(at));
          insert(model, handles, model.size() - 1, model.remove(at), handles.remove(at));
        }
        default -> {
          assertEquals(model.remove(at), list.remove(handles.remove(at)));
        }
      }
      assertEquals(model.size(), list.size());
      if (i % 100 == 0) {
        list.checkInvariants();
        assertEquals(model, values(list));
      }
    }
    for (int i = 0; i < model.size(); i++) {
      assertEquals(model.get(i), list.get(handles.get(i))); // no node has moved
    }
  }

  private static void insert(
      List<Long> model, List<Long> handles, int index, long value, long handle) {
    model.add(index, value);
    handles.add(index, handle);
  }

  @ParameterizedTest
  @EnumSource
  void fields_everyType_readWhatWasWritten(TestAllocators source) {
    source.run(allocator -> {
      try (StructLinkedList list = new StructLinkedList(allocator, 21)) {
        long last = list.addLast();
        list.segment(last).fill((byte) -1);
        long first = list.addFirst();
        long middle = list.insertAfter(first);
        long before = list.insertBefore(middle);
        assertArrayEquals(new byte[21], list.segment(middle).toArray(ValueLayout.JAVA_BYTE));
        list.setByte(middle, 0, (byte) -7);
        list.setInt(middle, 1, Integer.MIN_VALUE);
        list.setLong(middle, 5, Long.MAX_VALUE - 1);
        list.setDouble(middle, 13, -2.5);
        assertEquals(-7, list.getByte(middle, 0));
        assertEquals(Integer.MIN_VALUE, list.getInt(middle, 1));
        assertEquals(Long.MAX_VALUE - 1, list.getLong(middle, 5));
        assertEquals(-2.5, list.getDouble(middle, 13));
        for (long offset : new long[] {-1, 14, Long.MAX_VALUE, Long.MIN_VALUE}) {
          assertThrows(IndexOutOfBoundsException.class, () -> list.getLong(middle, offset));
          assertThrows(IndexOutOfBoundsException.class, () -> list.setLong(middle, offset, 1));
        }
        list.moveToFirst(middle);
        list.moveToLast(first);
        list.remove(before);
        List<Long> handles = new ArrayList<>();
        list.forEachHandle(handles::add);
        assertEquals(List.of(middle, last, first), handles);
        assertEquals(last, list.previous(first));
        list.checkInvariants();
      }
    });
  }

  @Test
  void create_badStride_throws() {
    LeakCheck.run(allocator -> {
      assertThrows(IllegalArgumentException.class, () -> new StructLinkedList(allocator, 0));
      assertThrows(IllegalArgumentException.class, () -> new StructLinkedList(allocator, -8));
      assertThrows(IllegalArgumentException.class, () -> StructLinkedList.poolProfile(0));
      assertThrows(
          IllegalArgumentException.class, () -> new StructLinkedList(allocator, Long.MAX_VALUE));
    });
  }

  @Test
  void everyMethod_afterClose_throws() {
    LeakCheck.run(allocator -> {
      LongLinkedList list = new LongLinkedList(allocator);
      StructLinkedList records = new StructLinkedList(allocator, 8);
      long handle = list.addLast(1);
      long record = records.addLast();
      list.close();
      list.close();
      records.close();
      List<Runnable> uses =
          List.of(
              () -> list.addFirst(1),
              () -> list.addLast(1),
              () -> list.insertBefore(handle, 1),
              () -> list.insertAfter(handle, 1),
              () -> list.get(handle),
              () -> list.set(handle, 1),
              () -> list.remove(handle),
              () -> list.moveToFirst(handle),
              () -> list.moveToLast(handle),
              list::first,
              list::last,
              () -> list.next(handle),
              () -> list.previous(handle),
              () -> list.forEach(value -> {}),
              list::clear,
              list::size,
              list::isEmpty,
              records::addFirst,
              records::addLast,
              () -> records.insertBefore(record),
              () -> records.insertAfter(record),
              () -> records.getLong(record, 0),
              () -> records.setInt(record, 0, 1),
              () -> records.segment(record),
              () -> records.remove(record),
              () -> records.moveToFirst(record),
              () -> records.moveToLast(record),
              records::first,
              records::last,
              () -> records.next(record),
              () -> records.previous(record),
              () -> records.forEachHandle(h -> {}),
              records::clear,
              records::size,
              records::isEmpty);
      for (int i = 0; i < uses.size(); i++) {
        assertThrows(IllegalStateException.class, uses.get(i)::run, "use " + i);
      }
    });
  }

  @Test
  void everyOperation_failingAllocations_leavesTheListUnchanged() {
    long swept =
        OomSweep.of((Allocator allocator) -> new LongLinkedList(allocator))
            .steps(10, "addLast", LongLinkedList::addLast)
            .steps(10, "addFirst", LongLinkedList::addFirst)
            .steps(5, "insertAfter", (list, i) -> insertNextTo(list, i, true))
            .steps(5, "insertBefore", (list, i) -> insertNextTo(list, i, false))
            .contents(LinkedListTest::values)
            .invariants(LongLinkedList::checkInvariants)
            .run();
    assertTrue(swept >= 30, "only " + swept + " allocations");
  }

  private static void insertNextTo(LongLinkedList list, int value, boolean after) {
    if (list.isEmpty()) {
      list.addLast(value);
    } else if (after) {
      list.insertAfter(list.first(), value);
    } else {
      list.insertBefore(list.last(), value);
    }
  }

  @Test
  void checkInvariants_brokenLink_throws() {
    LeakCheck.run(allocator -> {
      try (StructLinkedList list = new StructLinkedList(allocator, 8)) {
        long first = list.addLast();
        long second = list.addLast();
        long node = second & ((1L << 48) - 1);
        LinkLayout.setPrevious(node, node);
        assertThrows(AssertionError.class, list::checkInvariants);
        LinkLayout.setPrevious(node, first & ((1L << 48) - 1));
        list.checkInvariants();
      }
    });
  }
}
