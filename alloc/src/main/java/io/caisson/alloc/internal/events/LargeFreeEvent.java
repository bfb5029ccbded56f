package io.caisson.alloc.internal.events;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Name;
import org.jspecify.annotations.Nullable;

/** A large block was freed, or is no longer large. */
@Name("io.caisson.LargeFree")
@Label("Large Free")
@Description("A large block was freed, or is no longer large")
@Category({"Caisson", "Memory"})
final class LargeFreeEvent extends Event {
  @Label("Allocator")
  @Nullable String allocator;

  @Label("Address")
  @MemoryAddress
  long address;

  @Label("Size")
  @DataAmount
  long byteSize;
}
