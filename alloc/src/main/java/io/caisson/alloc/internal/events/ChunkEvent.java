package io.caisson.alloc.internal.events;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Name;
import org.jspecify.annotations.Nullable;

/** An allocator took a chunk from its parent, to cut it up. */
@Name("io.caisson.Chunk")
@Label("Chunk Taken")
@Description("An allocator took a chunk from its parent, to cut it up")
@Category({"Caisson", "Memory"})
final class ChunkEvent extends Event {
  @Label("Allocator")
  @Nullable String allocator;

  @Label("Address")
  @MemoryAddress
  long address;

  @Label("Size")
  @DataAmount
  long byteSize;
}
