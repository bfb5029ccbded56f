package io.caisson.alloc;

/** Is told when a budget is nearly used up. */
@FunctionalInterface
public interface BudgetListener {

  /**
   * Takes note that a budget has crossed its warning threshold from below.
   *
   * <p>Called once for each crossing, by the thread that crossed it, before it has its memory. What
   * it throws is logged and goes no further: the memory is within the budget.
   *
   * @param budget the budget; it stays its owner's
   * @param used what is reserved of it now, in bytes
   */
  void nearlyUsedUp(@Borrowed Budget budget, long used);
}
