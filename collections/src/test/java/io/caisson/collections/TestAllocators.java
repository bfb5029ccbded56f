package io.caisson.collections;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.alloc.FixedBufferAllocator;
import io.caisson.alloc.MockAllocator;
import io.caisson.testkit.LeakCheck;
import java.lang.foreign.Arena;
import java.util.function.Consumer;

/** Every kind of allocator that a collection must work on. */
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
      try (LeakCheck check = new LeakCheck(Allocators.systemWithHugePages())) {
        test.accept(check.allocator());
      }
    }
  },
  ARENA {
    @Override
    void run(Consumer<Allocator> test) {
      LeakCheck.run(parent -> ArenaAllocator.within(parent, "test", 1024, test::accept));
    }
  },
  FIXED {
    @Override
    void run(Consumer<Allocator> test) {
      try (Arena arena = Arena.ofConfined();
          FixedBufferAllocator fixed = new FixedBufferAllocator(arena.allocate(64 << 20, 64))) {
        test.accept(fixed);
      }
    }
  },
  NEVER_IN_PLACE {
    @Override
    void run(Consumer<Allocator> test) {
      try (AccountedAllocator account = Allocators.system();
          MockAllocator mock = new MockAllocator(account).refuseResize()) {
        test.accept(mock);
      }
    }
  };

  abstract void run(Consumer<Allocator> test);
}
