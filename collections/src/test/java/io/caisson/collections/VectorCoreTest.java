package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.internal.Memory;
import io.caisson.testkit.LeakCheck;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Checks what no typed face can reach: huge counts, versions, and appending from itself. */
class VectorCoreTest {

  private static void with(Allocator allocator, long stride, Consumer<VectorCore> test) {
    VectorCore core = new VectorCore(allocator, stride, 1);
    try {
      test.accept(core);
      core.checkInvariants();
    } finally {
      core.close();
    }
  }

  @Test
  void arrayLength_beyondAnyArray_throws() {
    LeakCheck.run(allocator ->
        with(
            allocator,
            1,
            core -> {
              long count = Integer.MAX_VALUE - 8;
              core.reserve(count + 1); // never touched, so no page of it is ever backed
              core.commit(count);
              assertEquals(count, core.arrayLength());
              core.commit(1);
              assertThrows(IllegalStateException.class, core::arrayLength);
            }));
  }

  @Test
  void room_countOverflow_throwsAndChangesNothing() {
    LeakCheck.run(allocator ->
        with(
            allocator,
            1 << 20,
            core -> {
              core.append();
              long capacity = core.capacity();
              assertThrows(IllegalArgumentException.class, () -> core.room(Long.MAX_VALUE));
              assertThrows(IllegalArgumentException.class, () -> core.room(1L << 43));
              assertThrows(AllocationException.class, () -> core.room(1L << 42));
              assertEquals(capacity, core.capacity());
              assertEquals(1, core.size());
            }));
  }

  @Test
  void append_strideAboveCacheLine_growsFromOne() {
    LeakCheck.run(allocator ->
        with(
            allocator,
            65,
            core -> {
              for (long expected : new long[] {1, 2, 3, 4, 6, 6, 9}) {
                core.append();
                assertEquals(expected, core.capacity());
              }
            }));
  }

  @ParameterizedTest
  @EnumSource
  void appendAll_ownElements_copiesThemThoughTheBlockMoves(TestAllocators source) {
    source.run(allocator ->
        with(
            allocator,
            8,
            core -> {
              Memory.putLong(core.append(), 1);
              Memory.putLong(core.append(), 2);
              for (int i = 0; i < 8; i++) {
                core.appendAll(core.at(1), core.size() - 1);
              }
              assertEquals(257, core.size());
              assertEquals(1, Memory.getLong(core.at(0)));
              for (long i = 1; i < 257; i++) {
                assertEquals(2, Memory.getLong(core.at(i)));
              }
            }));
  }

  @Test
  void version_eachChange_growsAndNeverRepeats() {
    LeakCheck.run(allocator ->
        with(
            allocator,
            8,
            core -> {
              Runnable[] changes = {
                core::append,
                core::append,
                core::removeLast,
                core::append,
                core::clear,
                core::trimToSize,
                core::append,
                core::trimToSize,
                () -> core.reserve(100),
                core::close
              };
              long version = core.version();
              for (Runnable change : changes) {
                change.run();
                assertTrue(core.version() > version);
                version = core.version();
              }
            }));
  }

  @Test
  void version_noChange_stays() {
    LeakCheck.run(allocator ->
        with(
            allocator,
            8,
            core -> {
              core.append();
              long version = core.version();
              core.reserve(1);
              core.at(0);
              core.appendAll(core.at(0), 0);
              assertEquals(version, core.version());
              core.trimToSize();
              assertNotEquals(version, core.version());
            }));
  }

  @Test
  void checkInvariants_sizeBeyondCapacity_throws() {
    LeakCheck.run(allocator ->
        with(
            allocator,
            8,
            core -> {
              core.commit(1);
              assertThrows(AssertionError.class, core::checkInvariants);
              core.clear();
            }));
  }
}
