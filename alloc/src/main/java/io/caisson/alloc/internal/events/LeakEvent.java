package io.caisson.alloc.internal.events;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Name;
import org.jspecify.annotations.Nullable;

/** A block was found that nobody freed. */
@Name("io.caisson.Leak")
@Label("Leak")
@Description("A block was found that nobody freed")
@Category({"Caisson", "Memory"})
final class LeakEvent extends Event {
  @Label("Allocator")
  @Nullable String allocator;

  @Label("Address")
  @MemoryAddress
  long address;

  @Label("Size")
  @DataAmount
  long byteSize;

  @Label("Allocated At")
  @Nullable String allocation;
}
