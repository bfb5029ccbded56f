package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.caisson.alloc.Allocator;
import io.caisson.smr.Guard;
import io.caisson.smr.ReclamationDomain;
import io.caisson.testkit.LeakCheck;
import java.time.Duration;
import java.util.function.Consumer;

/** A concurrent structure under test with a domain of its own, closed together. */
record OnDomain<S extends AutoCloseable>(ReclamationDomain domain, S structure)
    implements AutoCloseable {

  /** What makes a structure. */
  interface Factory<S> {
    S create(Allocator allocator, ReclamationDomain domain);
  }

  /** What a thread does again and again, until the structure is closed. */
  interface Work<S> {
    void once(S structure, int round);
  }

  /** Builds a domain that retires little at a time, so that much of what it does is done. */
  static ReclamationDomain smallDomain() {
    return ReclamationDomain.builder().slots(4).bagCapacity(4).build();
  }

  static <S extends AutoCloseable> OnDomain<S> open(Factory<S> factory, Allocator allocator) {
    ReclamationDomain domain = smallDomain();
    try {
      return new OnDomain<>(domain, factory.create(allocator, domain));
    } catch (RuntimeException e) {
      domain.close();
      throw e;
    }
  }

  @Override
  public void close() {
    close(structure);
    domain.close();
  }

  private static void close(AutoCloseable structure) {
    try {
      structure.close();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError("no structure throws a checked exception", e);
    }
  }

  /** Runs a test on a structure that is empty, and looks for leaks. */
  static <S extends AutoCloseable> void run(Factory<S> factory, Consumer<S> test) {
    LeakCheck.run(allocator -> {
      try (OnDomain<S> held = open(factory, allocator)) {
        test.accept(held.structure);
      }
    });
  }

  /** Closing under the guard of another is in vain, but lets nobody in; it can be tried again. */
  static <S extends AutoCloseable> void assertCloseWaitsForGuards(
      Factory<S> factory, Consumer<S> fill, Consumer<S> use) {
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain =
              ReclamationDomain.builder().closeTimeout(Duration.ofMillis(20)).build();
          OnDomain<S> held = new OnDomain<>(domain, factory.create(allocator, domain))) {
        S structure = held.structure;
        fill.accept(structure);
        Guard reader = domain.pin();
        assertThrows(IllegalStateException.class, () -> close(structure));
        assertThrows(IllegalStateException.class, () -> use.accept(structure));
        assertThrows(IllegalStateException.class, () -> close(structure));
        reader.close();
        close(structure);
      }
    });
  }

  /** Closes structures while two threads work on them; nothing may be left, and nothing crash. */
  static <S extends AutoCloseable> void assertCloseWhileOthersWorkFreesEverything(
      int rounds, Factory<S> factory, Work<S> work) {
    for (int round = 0; round < rounds; round++) {
      run(
          factory,
          structure -> {
            try (Workers workers = new Workers()) {
              for (int i = 0; i < 2; i++) {
                workers.add(() -> untilClosed(structure, work));
              }
              workers.add(() -> close(structure)).run();
            }
          });
    }
  }

  private static <S> void untilClosed(S structure, Work<S> work) {
    try {
      for (int i = 0; ; i++) {
        work.once(structure, i);
      }
    } catch (IllegalStateException closed) {
      assertEquals(
          structure.getClass().getSimpleName() + "(closed)",
          structure.toString(),
          closed::toString);
    }
  }
}
