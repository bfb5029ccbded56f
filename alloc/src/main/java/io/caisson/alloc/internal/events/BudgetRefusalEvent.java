package io.caisson.alloc.internal.events;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import org.jspecify.annotations.Nullable;

/** A budget refused a request that would have exceeded its limit. */
@Name("io.caisson.BudgetRefusal")
@Label("Budget Refusal")
@Description("A budget refused a request that would have exceeded its limit")
@Category({"Caisson", "Memory"})
final class BudgetRefusalEvent extends Event {
  @Label("Budget")
  @Nullable String budget;

  @Label("Requested")
  @DataAmount
  long requested;

  @Label("Used")
  @DataAmount
  long used;

  @Label("Limit")
  @DataAmount
  long limit;
}
