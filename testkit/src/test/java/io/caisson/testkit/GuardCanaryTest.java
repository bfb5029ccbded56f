package io.caisson.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.BlockRegistry;
import io.caisson.alloc.CheckedMemoryException;
import io.caisson.alloc.GuardAllocator;
import io.caisson.alloc.SystemAllocator;
import io.caisson.alloc.internal.GuardLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every kind of bug, made at random again and again: a guard must catch each of them. */
class GuardCanaryTest {

  /** In checked mode each close searches the whole registry, so there are fewer scenes. */
  private static final int TIMES = BlockRegistry.isActive() ? 100 : 2000;

  private static final int HEADER = 32;

  /** One bug in a block that is allocated by {@link Stacks#allocateHere}. */
  static final class Scene {
    final Random random;
    final long redZone;
    final AccountedAllocator parent = Allocators.system();
    final GuardAllocator guard;
    final GuardAllocator other = new GuardAllocator(SystemAllocator.create(), 32, 4096);
    final Allocator system = SystemAllocator.create();
    final long byteSize;
    final long byteAlignment;
    final long address;
    final List<TestBlock> bystanders = new ArrayList<>();

    Scene(Random random) {
      this.random = random;
      this.redZone = 1L + random.nextInt(100);
      this.guard = new GuardAllocator(parent, redZone, 1 << 20);
      for (int i = random.nextInt(4); i > 0; i--) {
        bystanders.add(TestBlock.allocate(guard, 1 + random.nextInt(100), 8, i));
      }
      byteSize = 1L + random.nextInt(random.nextBoolean() ? 64 : 5000);
      byteAlignment = 1L << random.nextInt(13);
      address = Stacks.allocateHere(guard, byteSize, byteAlignment);
    }

    /** Changes a byte, past all checks. */
    void damage(long offset) {
      byte old = GuardLayout.byteAt(address + offset);
      GuardLayout.fill(address + offset, 1, (byte) (old ^ (1 + random.nextInt(255))));
    }

    void overrun() {
      damage(byteSize + random.nextLong(redZone));
    }

    void underrun() {
      damage(-1 - random.nextLong(redZone + HEADER));
    }

    void free() {
      Stacks.freeHere(guard, address, byteSize, byteAlignment);
    }

    void writeAfterFree() {
      free();
      damage(random.nextLong(byteSize + 2 * redZone + HEADER) - redZone - HEADER);
    }

    /** Looks at the live block in one of the ways that look. */
    void look() {
      switch (random.nextInt(4)) {
        case 0 -> guard.check();
        case 1 -> {
          var _ = guard.resize(address, byteSize, byteSize + 1, byteAlignment);
        }
        case 2 -> {
          var _ = guard.reallocate(address, byteSize, byteSize + 1, byteAlignment);
        }
        default -> guard.free(address, byteSize, byteAlignment);
      }
    }

    /** Makes the freed block leave the quarantine, or looks at it there. */
    void lookLater() {
      switch (random.nextInt(3)) {
        case 0 -> guard.check();
        case 1 -> {
          for (int i = 0; i < 20; i++) {
            guard.free(guard.allocate(100_000, 8), 100_000, 8);
          }
        }
        default -> {
          bystanders.forEach(TestBlock::checkAndFree);
          bystanders.clear();
          guard.close();
        }
      }
    }

    long otherSize() {
      return random.nextBoolean() || byteSize == 1
          ? byteSize + 1 + random.nextInt(100)
          : 1 + random.nextLong(byteSize - 1);
    }

    long otherAlignment() {
      long alignment = 1L << random.nextInt(13);
      return alignment == byteAlignment ? alignment << 1 : alignment;
    }

    void wrongOperation(long byteSize, long byteAlignment) {
      switch (random.nextInt(3)) {
        case 0 -> {
          var _ = guard.resize(address, byteSize, 10, byteAlignment);
        }
        case 1 -> {
          var _ = guard.reallocate(address, byteSize, 10, byteAlignment);
        }
        default -> guard.free(address, byteSize, byteAlignment);
      }
    }
  }

  enum Bug {
    OVERRUN("overrun", true, false) {
      @Override
      void commit(Scene scene) {
        scene.overrun();
        scene.look();
      }
    },
    UNDERRUN("underrun", true, false) {
      @Override
      void commit(Scene scene) {
        scene.underrun();
        scene.look();
      }
    },
    WRITE_AFTER_FREE("write after free", true, true) {
      @Override
      void commit(Scene scene) {
        scene.writeAfterFree();
        scene.lookLater();
      }
    },
    DOUBLE_FREE("double free", true, true) {
      @Override
      void commit(Scene scene) {
        scene.free();
        scene.guard.free(scene.address, scene.byteSize, scene.byteAlignment);
      }
    },
    DOUBLE_FREE_LONG_AFTER("double free", true, true) {
      @Override
      void commit(Scene scene) {
        scene.free();
        // The block leaves the quarantine; its memory may be a part of another block by now.
        long large = scene.guard.allocate(1 << 20, 8);
        scene.guard.free(large, 1 << 20, 8);
        scene.guard.free(scene.address, scene.byteSize, scene.byteAlignment);
      }
    },
    RESIZE_AFTER_FREE("of freed", true, true) {
      @Override
      void commit(Scene scene) {
        scene.free();
        if (scene.random.nextBoolean()) {
          var _ = scene.guard.resize(scene.address, scene.byteSize, 10, scene.byteAlignment);
        } else {
          var _ = scene.guard.reallocate(scene.address, scene.byteSize, 10, scene.byteAlignment);
        }
      }
    },
    WRONG_SIZE("bytes aligned to", true, false) {
      @Override
      void commit(Scene scene) {
        scene.wrongOperation(scene.otherSize(), scene.byteAlignment);
      }
    },
    WRONG_ALIGNMENT("bytes aligned to", true, false) {
      @Override
      void commit(Scene scene) {
        scene.wrongOperation(scene.byteSize, scene.otherAlignment());
      }
    },
    FOREIGN_FREE("foreign", true, false) {
      @Override
      void commit(Scene scene) {
        scene.other.free(scene.address, scene.byteSize, scene.byteAlignment);
      }
    },
    POINTER_INTO_A_BLOCK("inside", true, false) {
      @Override
      void commit(Scene scene) {
        long inside = scene.address + scene.random.nextLong(scene.byteSize);
        scene.guard.free(inside == scene.address ? inside + 1 : inside, 1, 1);
      }

      @Override
      boolean suits(Scene scene) {
        return scene.byteSize > 1;
      }
    },
    FREE_OF_AN_UNGUARDED_BLOCK("free", false, false) {
      @Override
      void commit(Scene scene) {
        long raw = scene.system.allocate(scene.byteSize, 8);
        try {
          scene.guard.free(raw, scene.byteSize, 8);
        } finally {
          scene.system.free(raw, scene.byteSize, 8);
        }
      }
    },
    WILD_POINTER("no block", false, false) {
      @Override
      void commit(Scene scene) {
        long wild = scene.random.nextLong() | 1;
        scene.guard.free(wild | Long.MIN_VALUE, scene.byteSize, 1);
      }
    };

    final String message;
    final boolean knowsAllocation;
    final boolean knowsRelease;

    Bug(String message, boolean knowsAllocation, boolean knowsRelease) {
      this.message = message;
      this.knowsAllocation = knowsAllocation;
      this.knowsRelease = knowsRelease;
    }

    abstract void commit(Scene scene);

    boolean suits(Scene scene) {
      return true;
    }
  }

  @ParameterizedTest
  @EnumSource(Bug.class)
  void everyBug_anywhere_isCaughtWithItsStacks(Bug bug) {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    int made = 0;
    int caught = 0;
    for (int i = 0; i < TIMES; i++) {
      Scene scene = new Scene(random);
      if (bug.suits(scene)) {
        made++;
        caught += isCaught(bug, scene, seed) ? 1 : 0;
      }
      assertTidy(scene, seed);
    }
    System.out.println("GuardCanaryTest " + bug + ": " + caught + " of " + made + ", seed " + seed);
    assertEquals(made, caught, "seed " + seed);
  }

  private static boolean isCaught(Bug bug, Scene scene, long seed) {
    try {
      bug.commit(scene);
      return false;
    } catch (CheckedMemoryException found) {
      String message = String.valueOf(found.getMessage());
      assertTrue(message.contains(bug.message), () -> message + ", seed " + seed);
      if (bug.knowsAllocation) {
        assertTrue(message.contains(Long.toHexString(scene.address)), () -> message);
        Stacks.assertMentions(found.allocation(), "allocateHere");
      }
      if (bug.knowsRelease) {
        Stacks.assertMentions(found.release(), "freeHere");
      }
      return true;
    }
  }

  /** A bug that was caught must not have broken anything: all else is as it was. */
  private static void assertTidy(Scene scene, long seed) {
    scene.bystanders.forEach(TestBlock::checkAndFree);
    try {
      scene.guard.closeForcibly();
    } catch (CheckedMemoryException again) {
      assertTrue(
          String.valueOf(again.getMessage()).contains(Long.toHexString(scene.address)),
          () -> again.getMessage() + ", seed " + seed);
    }
    scene.guard.close();
    scene.other.close();
    assertEquals(0, scene.parent.stats().liveBytes());
  }
}
