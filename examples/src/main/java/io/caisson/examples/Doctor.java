package io.caisson.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.alloc.BlockRegistry;
import io.caisson.alloc.FixedBufferAllocator;
import io.caisson.alloc.MimallocAllocator;
import io.caisson.collections.BytesLongTable;
import java.io.PrintStream;
import java.lang.foreign.Arena;

/** Says whether Caisson works on this machine: what {@code ./caisson doctor} runs. */
final class Doctor {

  private static final long BLOCK_SIZE = 1 << 10;
  private static final long REGION_SIZE = 1 << 16;

  /** One thing to try. */
  @FunctionalInterface
  private interface Check {
    void run();
  }

  private final PrintStream out;
  private int failures;

  private Doctor(PrintStream out) {
    this.out = out;
  }

  /** Tries everything and ends the JVM with status 1 if anything fails. */
  public static void main(String[] args) {
    System.exit(examine(new PrintStream(System.out, true, UTF_8)));
  }

  /**
   * Tries everything.
   *
   * @return the exit status
   */
  static int examine(PrintStream out) {
    Doctor doctor = new Doctor(out);
    doctor.line("JDK", Runtime.version() + " at " + System.getProperty("java.home"));
    doctor.line("system", System.getProperty("os.name") + ", " + System.getProperty("os.arch"));
    doctor.check("native access", () -> Allocators.system().close());
    doctor.line("memory mode", BlockRegistry.isActive() ? "checked" : "native");
    doctor.check("allocator system", () -> tryOn(Allocators.system()));
    doctor.check("allocator system, huge", () -> tryOn(Allocators.systemWithHugePages()));
    doctor.examineMimalloc();
    doctor.check("allocator arena", Doctor::tryArena);
    doctor.check("allocator fixed", Doctor::tryFixed);
    return doctor.failures == 0 ? 0 : 1;
  }

  /** Shows the library that is used; to have none is no failure, for the system's malloc serves. */
  private void examineMimalloc() {
    String mimalloc = "allocator mimalloc";
    try {
      if (!MimallocAllocator.isAvailable()) {
        // Throws if a library was asked for; else says which allocator serves instead.
        try (Allocator heap = Allocators.heap()) {
          line(mimalloc, "not found; " + heap.name() + " is used instead");
        }
        return;
      }
    } catch (RuntimeException | LinkageError e) {
      failures++;
      line(mimalloc, "FAILS: " + e);
      return;
    }
    line("mimalloc", MimallocAllocator.version() + " from " + MimallocAllocator.origin());
    check(mimalloc, () -> tryOn(Allocators.mimalloc()));
  }

  private void line(String what, String how) {
    out.printf("%-24s%s%n", what, how);
  }

  private void check(String what, Check check) {
    try {
      check.run();
      line(what, "works");
    } catch (RuntimeException | LinkageError e) {
      failures++;
      line(what, "FAILS: " + e);
    }
  }

  private static void tryArena() {
    try (Allocator parent = Allocators.system()) {
      tryOn(new ArenaAllocator(parent, "doctor", REGION_SIZE));
    }
  }

  private static void tryFixed() {
    try (Arena arena = Arena.ofConfined()) {
      tryOn(new FixedBufferAllocator(arena.allocate(REGION_SIZE), "doctor"));
    }
  }

  /** Allocates a block, counts in a table, frees both, and closes the allocator. */
  private static void tryOn(Allocator allocator) {
    try (allocator;
        BytesLongTable table = new BytesLongTable(allocator)) {
      long address = Allocations.allocate(allocator, BLOCK_SIZE, Allocator.DEFAULT_ALIGNMENT);
      allocator.free(address, BLOCK_SIZE, Allocator.DEFAULT_ALIGNMENT);
      byte[] key = allocator.name().getBytes(UTF_8);
      table.addTo(key, 1);
      if (table.addTo(key, 1) != 2) {
        throw new IllegalStateException("a table on it does not count");
      }
    }
  }
}
