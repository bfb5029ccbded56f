package io.caisson.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.BlockRegistry;
import io.caisson.alloc.CheckedMemoryException;
import io.caisson.alloc.internal.Memory;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Structures that are broken on purpose: each checker must catch the one that is meant for it. */
class CanaryTest {

  /** A box of one long; right, so that its broken variants differ in one thing each. */
  static class Box implements AutoCloseable {
    final Allocator allocator;
    long address;
    long byteSize = 8;

    Box(Allocator allocator) {
      this.allocator = allocator;
      this.address = Allocations.allocateZeroed(allocator, 8, 8);
    }

    void grow() {
      address = Allocations.reallocate(allocator, address, byteSize, byteSize * 2, 8);
      byteSize *= 2;
    }

    void set(long value) {
      Memory.putLong(address, value);
    }

    long get() {
      return Memory.getLong(address);
    }

    @Override
    public void close() {
      allocator.free(address, byteSize, 8);
    }
  }

  private static long sweep(Function<Allocator, Box> box) {
    return OomSweep.of(box)
        .step("set", b -> b.set(7))
        .steps(3, "grow", (b, i) -> b.grow())
        .contents(b -> List.of(b.get(), b.byteSize))
        .run();
  }

  @Test
  void oomSweep_soundBox_passes() {
    assertEquals(4, sweep(Box::new));
  }

  @Test
  void oomSweep_swallowedFailure_isCaught() {
    class Swallowing extends Box {
      Swallowing(Allocator allocator) {
        super(allocator);
      }

      @Override
      void grow() {
        try {
          super.grow();
        } catch (AllocationException e) {
          // Pretends that nothing happened.
        }
      }
    }

    assertCaught("swallowed", () -> sweep(Swallowing::new));
  }

  @Test
  void oomSweep_changedContents_isCaught() {
    class Changing extends Box {
      Changing(Allocator allocator) {
        super(allocator);
      }

      @Override
      void grow() {
        set(0);
        super.grow();
      }
    }

    assertCaught("changed the contents", () -> sweep(Changing::new));
  }

  @Test
  void oomSweep_leakOnTheErrorPath_isCaught() {
    class Leaking extends Box {
      Leaking(Allocator allocator) {
        super(allocator);
      }

      @Override
      void grow() {
        long extra = Allocations.allocate(allocator, 100, 8);
        super.grow();
        allocator.free(extra, 100, 8);
      }
    }

    assertCaught("leaked 100 bytes", () -> sweep(Leaking::new));
  }

  @Test
  void oomSweep_brokenInvariant_isCaught() {
    class Breaking extends Box {
      Breaking(Allocator allocator) {
        super(allocator);
      }

      @Override
      void grow() {
        byteSize *= 2;
        address = Allocations.reallocate(allocator, address, byteSize / 2, byteSize, 8);
      }
    }

    AssertionError caught = assertThrows(AssertionError.class, () -> sweep(Breaking::new));
    assertTrue(caught.getMessage() != null);
  }

  @Test
  void oomSweep_brokenAfterTheFailure_isCaught() {
    class Refusing extends Box {
      private boolean broken;

      Refusing(Allocator allocator) {
        super(allocator);
      }

      @Override
      void grow() {
        if (broken) {
          throw allocator.failure(byteSize * 2, 8);
        }
        try {
          super.grow();
        } catch (AllocationException e) {
          broken = true;
          throw e;
        }
      }
    }

    assertCaught("failed again", () -> sweep(Refusing::new));
  }

  @Test
  void oomSweep_inertAfterTheFailure_isCaught() {
    class Inert extends Box {
      private boolean broken;

      Inert(Allocator allocator) {
        super(allocator);
      }

      @Override
      void grow() {
        if (broken) {
          return;
        }
        try {
          super.grow();
        } catch (AllocationException e) {
          broken = true;
          throw e;
        }
      }
    }

    assertCaught("not those of a run that succeeds", () -> sweep(Inert::new));
  }

  private static void assertCaught(String what, Runnable sweep) {
    AssertionError caught = assertThrows(AssertionError.class, sweep::run);
    assertTrue(String.valueOf(caught.getMessage()).contains(what), caught::getMessage);
  }

  @Test
  void leakCheck_leak_isCaught() {
    AssertionError caught =
        assertThrows(
            AssertionError.class,
            () -> {
              try (LeakCheck check = new LeakCheck()) {
                new Box(check.allocator()).set(1);
              }
            });
    assertTrue(caught.getMessage().contains("leaked 1 blocks of 8 bytes"), caught::getMessage);
    if (BlockRegistry.isActive()) {
      Throwable allocated = caught.getCause().getSuppressed()[0];
      assertTrue(
          Arrays.stream(allocated.getStackTrace())
              .anyMatch(frame -> frame.getMethodName().contains("leakCheck_leak_isCaught")));
    }
  }

  @Test
  void checkedMemory_useAfterFree_isCaughtWithBothStacks() {
    assumeTrue(BlockRegistry.isActive());
    try (Allocator allocator = Allocators.system()) {
      Box box = new Box(allocator);
      box.close();
      CheckedMemoryException caught = assertThrows(CheckedMemoryException.class, box::get);
      assertTrue(caught.getMessage().contains("use after free"), caught::getMessage);
      assertMentions(caught.allocation(), "<init>");
      assertMentions(caught.release(), "close");
    }
  }

  private static void assertMentions(Throwable stack, String method) {
    assertTrue(
        Arrays.stream(stack.getStackTrace())
            .anyMatch(frame ->
                frame.getClassName().endsWith("CanaryTest$Box")
                    && frame.getMethodName().equals(method)));
  }

  @Test
  void checkedMemory_overrunAndUnderrun_areCaught() {
    assumeTrue(BlockRegistry.isActive());
    LeakCheck.run(allocator -> {
      try (Box box = new Box(allocator)) {
        CheckedMemoryException over =
            assertThrows(CheckedMemoryException.class, () -> Memory.putLong(box.address + 1, 0));
        assertTrue(over.getMessage().contains("overruns by 1 bytes"), over::getMessage);
        assertThrows(CheckedMemoryException.class, () -> Memory.getByte(box.address + 8));
        assertThrows(CheckedMemoryException.class, () -> Memory.getByte(box.address - 1));
        assertThrows(CheckedMemoryException.class, () -> Memory.fill(box.address, 9, (byte) 0));
        assertThrows(
            CheckedMemoryException.class, () -> Memory.copy(box.address, box.address + 4, 8));
      }
    });
  }

  @Test
  void checkedMemory_doubleFree_isCaught() {
    assumeTrue(BlockRegistry.isActive());
    try (Allocator allocator = Allocators.system()) {
      Box box = new Box(allocator);
      box.close();
      CheckedMemoryException caught = assertThrows(CheckedMemoryException.class, box::close);
      assertTrue(caught.getMessage().contains("double free"), caught::getMessage);
      assertMentions(caught.release(), "close");
    }
  }

  @Test
  void checkedMemory_foreignFree_isCaught() {
    assumeTrue(BlockRegistry.isActive());
    try (Allocator allocator = Allocators.system();
        Allocator stranger = Allocators.system();
        Box box = new Box(allocator)) {
      CheckedMemoryException caught =
          assertThrows(CheckedMemoryException.class, () -> stranger.free(box.address, 8, 8));
      assertTrue(caught.getMessage().contains("foreign"), caught::getMessage);
    }
  }
}
