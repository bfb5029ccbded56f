package io.caisson.alloc.internal;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * Moves, fills and compares ranges of simulated memory, eight bytes or less at a step: another
 * thread may come between two steps, as it may in native memory.
 */
final class SimulatedBulk {

  private SimulatedBulk() {}

  static void copy(long source, long destination, long byteSize) {
    SimulatedMemory.require(source, byteSize);
    SimulatedMemory.require(destination, byteSize);
    long words = byteSize & -Long.BYTES;
    if (source >= destination) {
      for (long i = 0; i < words; i += Long.BYTES) {
        SimulatedMemory.putLong(destination + i, SimulatedMemory.getLong(source + i));
      }
      for (long i = words; i < byteSize; i++) {
        SimulatedMemory.putByte(destination + i, SimulatedMemory.getByte(source + i));
      }
      return;
    }
    for (long i = byteSize - 1; i >= words; i--) {
      SimulatedMemory.putByte(destination + i, SimulatedMemory.getByte(source + i));
    }
    for (long i = words - Long.BYTES; i >= 0; i -= Long.BYTES) {
      SimulatedMemory.putLong(destination + i, SimulatedMemory.getLong(source + i));
    }
  }

  static void copyFrom(MemorySegment source, long sourceOffset, long destination, long byteSize) {
    Objects.checkFromIndexSize(sourceOffset, byteSize, source.byteSize());
    for (long i = 0; i < byteSize; i++) {
      SimulatedMemory.putByte(destination + i, source.get(ValueLayout.JAVA_BYTE, sourceOffset + i));
    }
  }

  static void copyTo(
      long source, MemorySegment destination, long destinationOffset, long byteSize) {
    Objects.checkFromIndexSize(destinationOffset, byteSize, destination.byteSize());
    for (long i = 0; i < byteSize; i++) {
      destination.set(
          ValueLayout.JAVA_BYTE, destinationOffset + i, SimulatedMemory.getByte(source + i));
    }
  }

  static void fill(long address, long byteSize, byte value) {
    SimulatedMemory.require(address, byteSize);
    long word = (value & 0xFFL) * 0x0101_0101_0101_0101L;
    long words = byteSize & -Long.BYTES;
    for (long i = 0; i < words; i += Long.BYTES) {
      SimulatedMemory.putLong(address + i, word);
    }
    for (long i = words; i < byteSize; i++) {
      SimulatedMemory.putByte(address + i, value);
    }
  }

  static long mismatch(long a, long b, long byteSize) {
    SimulatedMemory.require(a, byteSize);
    SimulatedMemory.require(b, byteSize);
    for (long i = 0; i < byteSize; i++) {
      if (SimulatedMemory.getByte(a + i) != SimulatedMemory.getByte(b + i)) {
        return i;
      }
    }
    return -1;
  }
}
