package io.caisson.alloc.internal.events;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Name;
import org.jspecify.annotations.Nullable;

/** A large block was allocated, or a block became large. */
@Name("io.caisson.LargeAllocation")
@Label("Large Allocation")
@Description("A large block was allocated, or a block became large")
@Category({"Caisson", "Memory"})
final class LargeAllocationEvent extends Event {
  @Label("Allocator")
  @Nullable String allocator;

  @Label("Address")
  @MemoryAddress
  long address;

  @Label("Size")
  @DataAmount
  long byteSize;
}
