package io.caisson.collections;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.alloc.FixedBufferAllocator;
import io.caisson.alloc.GuardAllocator;
import io.caisson.alloc.MockAllocator;
import io.caisson.alloc.SlabAllocator;
import io.caisson.testkit.LeakCheck;
import java.lang.foreign.Arena;
import java.util.function.Consumer;

/** The allocators that collections are tested on; each run must end with zero live bytes. */
enum TestAllocators {
  SYSTEM {
    @Override
    void run(Consumer<Allocator> test) {
      LeakCheck.run(test);
    }
  },

  HUGE_PAGES {
    @Override
    void run(Consumer<Allocator> test) {
      check(Allocators.systemWithHugePages(), test);
    }
  },

  ARENA {
    @Override
    void run(Consumer<Allocator> test) {
      LeakCheck.run(
          parent -> check(Allocators.accounted(new ArenaAllocator(parent, "test", 4096)), test));
    }
  },

  FIXED {
    @Override
    void run(Consumer<Allocator> test) {
      try (Arena arena = Arena.ofConfined()) {
        FixedBufferAllocator fixed = new FixedBufferAllocator(arena.allocate(64 << 20, 64));
        check(Allocators.accounted(fixed), test);
      }
    }
  },

  /** Finds what is written beside blocks or after their free, in native mode too. */
  GUARD {
    @Override
    void run(Consumer<Allocator> test) {
      LeakCheck.run(parent -> check(Allocators.accounted(new GuardAllocator(parent)), test));
    }
  },

  SLAB {
    @Override
    void run(Consumer<Allocator> test) {
      LeakCheck.run(parent -> check(Allocators.accounted(new SlabAllocator(parent)), test));
    }
  },

  /** Refuses to resize in place, so that whatever grows or shrinks must move. */
  MOVING {
    @Override
    void run(Consumer<Allocator> test) {
      check(Allocators.accounted(new MockAllocator(Allocators.system()).refuseResize()), test);
    }
  };

  abstract void run(Consumer<Allocator> test);

  private static void check(AccountedAllocator allocator, Consumer<Allocator> test) {
    try (LeakCheck check = new LeakCheck(allocator)) {
      test.accept(check.allocator());
    }
  }
}
