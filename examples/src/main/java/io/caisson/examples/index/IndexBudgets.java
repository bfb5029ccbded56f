package io.caisson.examples.index;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.Budget;
import io.caisson.alloc.BudgetProfile;
import io.caisson.alloc.BudgetedAllocator;

/**
 * What the index may take off the heap at a time, and of that its input and its table.
 *
 * <p>Not thread-safe. The parts are not limited by themselves: what one leaves the other may have.
 */
final class IndexBudgets implements AutoCloseable {

  /** The limit of who may use what there is. */
  static final long ANY = Long.MAX_VALUE;

  final Budget all;
  final Budget input;
  final Budget table;
  private final boolean kept;

  /**
   * Creates the budgets.
   *
   * @param limit how many bytes may be used, or {@link #ANY}
   * @param shown whether somebody looks at the budgets, though there be no limit
   */
  IndexBudgets(long limit, boolean shown) {
    kept = shown || limit != ANY;
    all = new Budget(new BudgetProfile("index", limit));
    input = all.child(new BudgetProfile("index.input", ANY));
    table = all.child(new BudgetProfile("index.table", ANY));
  }

  /** Puts a budget over an allocator, unless that would hold nobody back. */
  Allocator within(Budget budget, Allocator allocator) {
    return kept ? new BudgetedAllocator(allocator, budget) : allocator;
  }

  @Override
  public void close() {
    table.close();
    input.close();
    all.close();
  }
}
