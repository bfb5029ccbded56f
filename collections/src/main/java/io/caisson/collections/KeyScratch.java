package io.caisson.collections;

import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** Native memory for keys that callers have on the Java heap; one block, kept for the next key. */
final class KeyScratch {

  private static final long ALIGNMENT = 1;
  private static final long MIN_BYTE_SIZE = 64;

  private final Allocator allocator;
  private long address;
  private long capacity;

  KeyScratch(Allocator allocator) {
    this.allocator = allocator;
  }

  /** Returns the address of a key that is part of a segment, or of a copy of it. */
  long locate(MemorySegment source, long offset, long byteSize) {
    if (source.isNative()) {
      return locateNative(source, offset, byteSize);
    }
    Objects.checkFromIndexSize(offset, byteSize, source.byteSize());
    long copy = room(byteSize);
    Memory.copyFrom(source, offset, copy, byteSize);
    return copy;
  }

  /** Returns the address of a key that is part of a native segment. */
  static long locateNative(MemorySegment source, long offset, long byteSize) {
    Objects.checkFromIndexSize(offset, byteSize, source.byteSize());
    return Memory.addressOf(source) + offset;
  }

  /** Returns the address of the UTF-8 encoding of characters, of which the size is known. */
  long encode(CharSequence chars, long byteSize) {
    long copy = room(byteSize);
    Utf8.encode(chars, copy, byteSize);
    return copy;
  }

  /** Returns the address of room for a key, until the next call. */
  long room(long byteSize) {
    if (byteSize > capacity) {
      long wanted = Math.max(MIN_BYTE_SIZE, byteSize + (byteSize >>> 1));
      long larger = Allocations.allocate(allocator, wanted, ALIGNMENT);
      free();
      address = larger;
      capacity = wanted;
    }
    return address;
  }

  /** Returns how many bytes are kept. */
  long capacity() {
    return capacity;
  }

  void free() {
    if (address != Memory.NULL) {
      allocator.free(address, capacity, ALIGNMENT);
      address = Memory.NULL;
      capacity = 0;
    }
  }
}
