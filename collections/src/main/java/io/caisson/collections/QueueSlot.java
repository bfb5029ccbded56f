package io.caisson.collections;

import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/** A slot of a queue of several producers: a word that says whose turn it is, and a value. */
final class QueueSlot {
  static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_LONG.withName("sequence"), ValueLayout.JAVA_LONG.withName("value"));

  static final long SIZE = LAYOUT.byteSize();
  static final long SEQUENCE = offset("sequence");
  static final long VALUE = offset("value");

  private QueueSlot() {}

  private static long offset(String field) {
    return LAYOUT.byteOffset(PathElement.groupElement(field));
  }

  static long sequenceAcquire(long slot) {
    return Memory.getLongAcquire(slot + SEQUENCE);
  }

  static void setSequenceRelease(long slot, long sequence) {
    Memory.putLongRelease(slot + SEQUENCE, sequence);
  }

  static long value(long slot) {
    return Memory.getLong(slot + VALUE);
  }

  static void setValue(long slot, long value) {
    Memory.putLong(slot + VALUE, value);
  }
}
