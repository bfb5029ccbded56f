package io.caisson.bench;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.internal.Memory;

/** Slots for the blocks of an {@link Allocator}, which are addresses. */
final class AddressSlots implements BlockSlots {

  private final Allocator allocator;
  private final long[] addresses;

  AddressSlots(Allocator allocator, int slots) {
    this.allocator = allocator;
    this.addresses = new long[slots];
  }

  @Override
  public void allocate(int slot, long byteSize, long byteAlignment) {
    long address = allocator.allocate(byteSize, byteAlignment);
    Memory.putByte(address, (byte) 1);
    addresses[slot] = address;
  }

  @Override
  public void free(int slot, long byteSize, long byteAlignment) {
    allocator.free(addresses[slot], byteSize, byteAlignment);
  }

  @Override
  public void pair(long byteSize, long byteAlignment) {
    long address = allocator.allocate(byteSize, byteAlignment);
    Memory.putByte(address, (byte) 1);
    allocator.free(address, byteSize, byteAlignment);
  }

  @Override
  public void write(int slot, long byteOffset, byte value) {
    Memory.putByte(addresses[slot] + byteOffset, value);
  }

  @Override
  public void swap(int slot, BlockSlots others, int other) {
    long[] theirs = ((AddressSlots) others).addresses;
    long mine = addresses[slot];
    addresses[slot] = theirs[other];
    theirs[other] = mine;
  }
}
