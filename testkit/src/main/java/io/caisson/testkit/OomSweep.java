package io.caisson.testkit;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.MockAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ObjIntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs a scenario again and again, failing each of its allocations in turn, and checks that nothing
 * breaks: the failure is reported as {@link AllocationException}, contents are as before,
 * invariants hold, the operation succeeds when tried again, and no memory leaks.
 *
 * <pre>{@code
 * OomSweep.of(LongVector::new)
 *     .steps(100, "add", (vector, i) -> vector.add(i))
 *     .contents(LongVector::toArray)
 *     .run();
 * }</pre>
 *
 * <p>Each step must be one operation, for it is what must leave the contents unchanged. A run
 * counts the allocations; then for each of them there is a run in which it fails once, and one in
 * which it and all later ones fail. Not thread-safe.
 *
 * @param <S> what is tested
 */
public final class OomSweep<S extends AutoCloseable> {

  private record Step<S>(String name, Consumer<S> operation, boolean mayAbsorb) {}

  private final Function<Allocator, S> factory;
  private final List<Step<S>> steps = new ArrayList<>();
  private Supplier<? extends Allocator> allocators = Allocators::system;
  private Function<S, ? extends @Nullable Object> contents = subject -> null;
  private Consumer<S> invariants = subject -> {};

  private OomSweep(Function<Allocator, S> factory) {
    this.factory = factory;
  }

  /**
   * Starts a sweep.
   *
   * @param <S> what is tested
   * @param factory what makes it, with an allocator; its allocations are swept too
   * @return a sweep without steps
   */
  public static <S extends AutoCloseable> OomSweep<S> of(Function<Allocator, S> factory) {
    return new OomSweep<>(factory);
  }

  /**
   * Adds an operation that reports a failed allocation and leaves the contents unchanged.
   *
   * @param name its name in messages
   * @param operation the operation
   * @return this sweep
   */
  public OomSweep<S> step(String name, Consumer<S> operation) {
    steps.add(new Step<>(name, operation, false));
    return this;
  }

  /**
   * Adds an operation several times.
   *
   * @param count how often
   * @param name its name in messages
   * @param operation the operation, which is passed the number of the time, from 0
   * @return this sweep
   */
  public OomSweep<S> steps(int count, String name, ObjIntConsumer<S> operation) {
    for (int i = 0; i < count; i++) {
      int time = i;
      step(name + " #" + i, subject -> operation.accept(subject, time));
    }
    return this;
  }

  /**
   * Adds an operation that may do without an allocation that fails, as one that wants to shrink.
   *
   * @param name its name in messages
   * @param operation the operation
   * @return this sweep
   */
  public OomSweep<S> absorbingStep(String name, Consumer<S> operation) {
    steps.add(new Step<>(name, operation, true));
    return this;
  }

  /**
   * Says how to see the contents; two states are equal if their contents are, arrays by element.
   *
   * @param contents what copies the contents out
   * @return this sweep
   */
  public OomSweep<S> contents(Function<S, ? extends @Nullable Object> contents) {
    this.contents = contents;
    return this;
  }

  /**
   * Says how to check the invariants.
   *
   * @param invariants what throws if they do not hold
   * @return this sweep
   */
  public OomSweep<S> invariants(Consumer<S> invariants) {
    this.invariants = invariants;
    return this;
  }

  /**
   * Says where memory comes from; the system's allocator if it is not said.
   *
   * @param allocators what makes an allocator for each run, closed after it
   * @return this sweep
   */
  public OomSweep<S> over(Supplier<? extends Allocator> allocators) {
    this.allocators = allocators;
    return this;
  }

  /**
   * Runs the sweep.
   *
   * @return the number of allocations that were failed, each in two runs
   * @throws AssertionError if anything breaks, naming the step and the allocation
   */
  public long run() {
    Run clean = new Run("without a failure", mock -> mock, List.of());
    if (clean.mock.failures() > 0) {
      throw new AssertionError("an allocation failed in the run without a failure");
    }
    long allocations = clean.mock.attempts();
    for (long n = 1; n <= allocations; n++) {
      long call = n;
      new Run("with allocation " + n + " failing", mock -> mock.failNth(call), clean.seen);
      new Run("with all from " + n + " failing", mock -> mock.failAfter(call), List.of());
    }
    return allocations;
  }

  /** One run of the scenario with one rule for failing. */
  private final class Run {
    private final String name;
    private final AccountedAllocator account;
    private final MockAllocator mock;

    /** The contents after each step of a run without a failure; empty if none are expected. */
    private final List<@Nullable Object> expected;

    private final List<@Nullable Object> seen = new ArrayList<>();
    private boolean reported;
    private boolean absorbed;

    Run(String name, Function<MockAllocator, MockAllocator> rule, List<@Nullable Object> expected) {
      this.name = name;
      this.expected = expected;
      this.account = Allocators.accounted(allocators.get());
      this.mock = rule.apply(new MockAllocator(account));
      try (account) {
        run();
        checkLeaks();
      }
      if (mock.failures() > 0 && !reported && !absorbed) {
        throw new AssertionError(name + ": swallowed; no step threw AllocationException");
      }
    }

    private void run() {
      S subject = create();
      if (subject == null) {
        return;
      }
      try (subject) {
        for (Step<S> step : steps) {
          run(subject, step);
        }
      } catch (AssertionError e) {
        throw e;
      } catch (Exception e) {
        throw new AssertionError(name + ": close() threw", e);
      }
    }

    private @Nullable S create() {
      try {
        return factory.apply(mock);
      } catch (AllocationException e) {
        reported = true;
        return null;
      }
    }

    private void run(S subject, Step<S> step) {
      boolean passed = attempt(subject, step);
      if (!passed && !expected.isEmpty() && !attempt(subject, step)) {
        throw new AssertionError(name + ": '" + step.name + "' failed again when tried again");
      }
      Object after = look(subject, step);
      if (!expected.isEmpty() && !Objects.deepEquals(expected.get(seen.size()), after)) {
        throw new AssertionError(
            name + ": after '" + step.name + "' the contents are not those of a run that succeeds");
      }
      seen.add(after);
    }

    /** Runs a step, and says whether it succeeded. */
    private boolean attempt(S subject, Step<S> step) {
      Object before = look(subject, step);
      long failuresBefore = mock.failures();
      try {
        step.operation.accept(subject);
      } catch (AllocationException e) {
        reported = true;
        if (!Objects.deepEquals(before, look(subject, step))) {
          throw new AssertionError(
              name + ": '" + step.name + "' changed the contents and threw", e);
        }
        return false;
      } catch (RuntimeException e) {
        throw new AssertionError(name + ": '" + step.name + "' threw " + e, e);
      }
      if (mock.failures() > failuresBefore) {
        if (!step.mayAbsorb) {
          throw new AssertionError(name + ": '" + step.name + "' swallowed the failure");
        }
        absorbed = true;
      }
      return true;
    }

    /** Checks the invariants and returns the contents, neither of which may fail. */
    private @Nullable Object look(S subject, Step<S> step) {
      mock.pause();
      try {
        invariants.accept(subject);
        return contents.apply(subject);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError(name + ": around '" + step.name + "': " + e, e);
      } finally {
        mock.resume();
      }
    }

    private void checkLeaks() {
      long liveBytes = account.stats().liveBytes();
      if (liveBytes != 0) {
        throw new AssertionError(name + ": leaked " + liveBytes + " bytes");
      }
    }
  }
}
