package io.caisson.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.internal.Memory;

/** A block filled with a pattern of its own, so that any damage to it shows. */
record TestBlock(
    Allocator allocator, long address, long byteSize, long byteAlignment, long pattern) {

  static TestBlock allocate(Allocator allocator, long byteSize, long byteAlignment, long pattern) {
    long address = allocator.allocate(byteSize, byteAlignment);
    assertNotEquals(Allocator.NULL, address, () -> "no room for " + byteSize + " bytes");
    assertEquals(0, address & (byteAlignment - 1), "alignment");
    return filled(allocator, address, byteSize, byteAlignment, pattern);
  }

  /** Takes over a block that the caller allocated. */
  static TestBlock filled(
      Allocator allocator, long address, long byteSize, long byteAlignment, long pattern) {
    TestBlock block = new TestBlock(allocator, address, byteSize, byteAlignment, pattern);
    block.fill();
    return block;
  }

  private void fill() {
    for (long i = 0; i < byteSize; i++) {
      Memory.putByte(address + i, byteAt(i));
    }
  }

  private byte byteAt(long offset) {
    return (byte) (pattern * 31 + offset);
  }

  void check() {
    check(byteSize);
  }

  private void check(long size) {
    for (long i = 0; i < size; i++) {
      if (Memory.getByte(address + i) != byteAt(i)) {
        throw new AssertionError("byte " + i + " of " + this + " was overwritten");
      }
    }
  }

  TestBlock reallocate(long newByteSize) {
    long moved = allocator.reallocate(address, byteSize, newByteSize, byteAlignment);
    assertNotEquals(Allocator.NULL, moved, () -> "no room for " + newByteSize + " bytes");
    assertEquals(0, moved & (byteAlignment - 1), "alignment");
    return movedTo(moved, newByteSize);
  }

  TestBlock resize(long newByteSize) {
    if (!allocator.resize(address, byteSize, newByteSize, byteAlignment)) {
      check(byteSize);
      return this;
    }
    return movedTo(address, newByteSize);
  }

  /** Takes over what this block has become by a reallocation of the caller's. */
  TestBlock movedTo(long newAddress, long newByteSize) {
    TestBlock block = new TestBlock(allocator, newAddress, newByteSize, byteAlignment, pattern);
    block.check(Math.min(byteSize, newByteSize));
    block.fill();
    return block;
  }

  void checkAndFree() {
    check(byteSize);
    allocator.free(address, byteSize, byteAlignment);
  }
}
