package io.caisson.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** Slots for Netty's direct buffers. Netty takes no alignment. */
final class ByteBufSlots implements BlockSlots {

  private final ByteBufAllocator allocator;
  private final ByteBuf[] buffers;

  ByteBufSlots(ByteBufAllocator allocator, int slots) {
    this.allocator = allocator;
    this.buffers = new ByteBuf[slots];
  }

  @Override
  public void allocate(int slot, long byteSize, long byteAlignment) {
    ByteBuf buffer = allocator.directBuffer((int) byteSize);
    buffer.setByte(0, 1);
    buffers[slot] = buffer;
  }

  @Override
  public void free(int slot, long byteSize, long byteAlignment) {
    buffers[slot].release();
  }

  @Override
  public void pair(long byteSize, long byteAlignment) {
    ByteBuf buffer = allocator.directBuffer((int) byteSize);
    buffer.setByte(0, 1);
    buffer.release();
  }

  @Override
  public void write(int slot, long byteOffset, byte value) {
    buffers[slot].setByte((int) byteOffset, value);
  }

  @Override
  public void swap(int slot, BlockSlots others, int other) {
    ByteBufSlots theirs = (ByteBufSlots) others;
    ByteBuf mine = buffers[slot];
    buffers[slot] = theirs.buffers[other];
    theirs.buffers[other] = mine;
  }
}
