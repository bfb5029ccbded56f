package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.View;
import io.caisson.alloc.internal.Memory;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Objects;

/**
 * Collects bytes in native memory, up to a limit, to be used again and again.
 *
 * <p>Owns one block of its allocator, none while it has no capacity, and frees it on close. The
 * capacity grows by half and {@link #clear()} keeps it, so a buffer that is used for one operation
 * after another soon allocates no more. An append beyond the limit answers false, one for which the
 * allocator has no room throws {@link AllocationException}; both change nothing. Operations are
 * O(1) unless they say otherwise.
 *
 * <p>Belongs to one thread at a time. After {@link #close()} every other method throws {@link
 * IllegalStateException}.
 */
public final class GrowBuffer implements AutoCloseable {

  private final VectorCore core;
  private final long maxByteSize;

  /**
   * Creates an empty buffer without a limit, which allocates nothing before its first byte.
   *
   * @param allocator where its memory comes from; it must outlive the buffer
   */
  public GrowBuffer(@Borrowed Allocator allocator) {
    this(allocator, 0, Long.MAX_VALUE);
  }

  /**
   * Creates an empty buffer.
   *
   * @param allocator where its memory comes from; it must outlive the buffer
   * @param initialCapacity the number of bytes to allocate, not negative
   * @param maxByteSize the most bytes that it takes, at least the initial capacity
   * @throws IllegalArgumentException if the capacity is negative, or above the limit
   * @throws AllocationException if the allocator is exhausted
   */
  public GrowBuffer(@Borrowed Allocator allocator, long initialCapacity, long maxByteSize) {
    if (initialCapacity > maxByteSize) {
      throw new IllegalArgumentException(
          "capacity of " + initialCapacity + " bytes; expected at most the limit " + maxByteSize);
    }
    this.core = new VectorCore(allocator, 1, 1).withCapacity(initialCapacity);
    this.maxByteSize = maxByteSize;
    core.limitGrowth(maxByteSize);
  }

  private boolean fits(long byteSize) {
    core.requireOpen();
    return byteSize <= maxByteSize - core.size();
  }

  /**
   * Appends a byte. Amortized O(1).
   *
   * @param value the byte
   * @return whether there was room for it below the limit
   * @throws AllocationException if the allocator is exhausted; nothing has changed
   * @throws IllegalStateException if the buffer is closed
   */
  public boolean appendByte(byte value) {
    if (!fits(Byte.BYTES)) {
      return false;
    }
    Memory.putByte(core.append(), value);
    return true;
  }

  /**
   * Appends an int in native byte order. Amortized O(1).
   *
   * @param value the int
   * @return whether there was room for it below the limit
   * @throws AllocationException if the allocator is exhausted; nothing has changed
   * @throws IllegalStateException if the buffer is closed
   */
  public boolean appendInt(int value) {
    if (!fits(Integer.BYTES)) {
      return false;
    }
    Memory.putInt(core.room(Integer.BYTES), value);
    core.commit(Integer.BYTES);
    return true;
  }

  /**
   * Appends a long in native byte order. Amortized O(1).
   *
   * @param value the long
   * @return whether there was room for it below the limit
   * @throws AllocationException if the allocator is exhausted; nothing has changed
   * @throws IllegalStateException if the buffer is closed
   */
  public boolean appendLong(long value) {
    if (!fits(Long.BYTES)) {
      return false;
    }
    Memory.putLong(core.room(Long.BYTES), value);
    core.commit(Long.BYTES);
    return true;
  }

  /**
   * Appends bytes. Amortized O(bytes).
   *
   * @param bytes the bytes
   * @return whether there was room for all of them below the limit
   * @throws AllocationException if the allocator is exhausted; nothing has changed
   * @throws IllegalStateException if the buffer is closed
   */
  public boolean append(byte[] bytes) {
    return append(MemorySegment.ofArray(bytes));
  }

  /**
   * Appends some bytes of an array. Amortized O(bytes).
   *
   * @param bytes the array
   * @param from the index of the first
   * @param count how many
   * @return whether there was room for all of them below the limit
   * @throws IndexOutOfBoundsException if they are not all in the array
   * @throws AllocationException if the allocator is exhausted; nothing has changed
   * @throws IllegalStateException if the buffer is closed
   */
  public boolean append(byte[] bytes, int from, int count) {
    Objects.checkFromIndexSize(from, count, bytes.length);
    return append(MemorySegment.ofArray(bytes).asSlice(from, count));
  }

  /**
   * Appends the bytes of a segment. Amortized O(bytes).
   *
   * @param bytes the segment, on the heap or off it; it may be a view of this very buffer
   * @return whether there was room for all of them below the limit
   * @throws AllocationException if the allocator is exhausted; nothing has changed
   * @throws IllegalStateException if the buffer or the segment is closed
   */
  public boolean append(@Borrowed MemorySegment bytes) {
    if (!fits(bytes.byteSize())) {
      return false;
    }
    core.appendAll(bytes);
    return true;
  }

  /**
   * Appends the bytes of text. Amortized O(bytes).
   *
   * @param text the bytes; it may be a view of this very buffer
   * @return whether there was room for all of them below the limit
   * @throws AllocationException if the allocator is exhausted; nothing has changed
   * @throws IllegalStateException if the buffer is closed
   */
  public boolean append(@Borrowed StringView text) {
    if (!fits(text.byteSize())) {
      return false;
    }
    core.appendAll(text.address(), text.byteSize());
    return true;
  }

  /**
   * Appends what a channel has, straight into native memory, by reading it once. O(bytes).
   *
   * @param channel the channel
   * @param maxBytes how many bytes to read at most, at least 1; fewer up to the limit
   * @return how many were read and appended; 0 at the limit; -1 at the end of the channel
   * @throws IllegalArgumentException if the number to read is not positive
   * @throws UncheckedIOException if the channel throws; nothing has changed
   * @throws AllocationException if the allocator is exhausted; nothing has changed
   * @throws IllegalStateException if the buffer is closed
   */
  public int readFrom(ReadableByteChannel channel, int maxBytes) {
    if (maxBytes <= 0) {
      throw new IllegalArgumentException("reading " + maxBytes + " bytes; expected at least 1");
    }
    core.requireOpen();
    long count = Math.min(maxBytes, maxByteSize - core.size());
    if (count == 0) {
      return 0;
    }
    try {
      int read = channel.read(Memory.segment(core.room(count), count).asByteBuffer());
      core.commit(Math.max(read, 0));
      return read;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Returns a byte.
   *
   * @param index its index, at least 0 and less than the size
   * @return the byte
   * @throws IndexOutOfBoundsException if there is no such byte
   * @throws IllegalStateException if the buffer is closed
   */
  public byte getByte(long index) {
    return Memory.getByte(core.at(index));
  }

  /**
   * Shows the bytes without copying them.
   *
   * @return a borrowed view, valid until bytes are added, the capacity changes or the buffer is
   *     closed
   * @throws IllegalStateException if the buffer is closed
   */
  @View
  public StringView view() {
    return StringView.of(core.asSlice());
  }

  /**
   * Shows the bytes as a segment, through which they can be written.
   *
   * @return a borrowed view, valid until bytes are added, the capacity changes or the buffer is
   *     closed; the JDK guards its bounds and nobody guards its lifetime
   * @throws IllegalStateException if the buffer is closed
   */
  @View
  public MemorySegment segment() {
    Slice bytes = core.asSlice();
    return Memory.segment(bytes.address(), bytes.byteSize());
  }

  /**
   * Writes all bytes to a channel, from where they are. O(bytes).
   *
   * @param channel the channel
   * @throws UncheckedIOException if the channel throws
   * @throws IllegalStateException if the buffer is closed
   */
  public void writeTo(WritableByteChannel channel) {
    view().writeTo(channel);
  }

  /**
   * Writes all bytes to a stream, chunk by chunk. O(bytes).
   *
   * @param stream the stream
   * @throws UncheckedIOException if the stream throws
   * @throws IllegalStateException if the buffer is closed
   */
  public void writeTo(OutputStream stream) {
    view().writeTo(stream);
  }

  /**
   * Removes all bytes and keeps the capacity.
   *
   * @throws IllegalStateException if the buffer is closed
   */
  public void clear() {
    core.clear();
  }

  /**
   * Gives back the memory that no byte uses; all of it if there is none. O(bytes) if the block
   * moves.
   *
   * @throws AllocationException if the block can shrink only by moving and the allocator is
   *     exhausted; nothing has changed
   * @throws IllegalStateException if the buffer is closed
   */
  public void trimToSize() {
    core.trimToSize();
  }

  /**
   * Returns the number of bytes.
   *
   * @return the number, not negative
   * @throws IllegalStateException if the buffer is closed
   */
  public long byteSize() {
    return core.size();
  }

  /**
   * Returns the number of bytes that the memory now allocated can hold.
   *
   * @return the number, at least the size
   * @throws IllegalStateException if the buffer is closed
   */
  public long capacity() {
    return core.capacity();
  }

  /**
   * Returns the number of bytes beyond which an append answers false.
   *
   * @return the limit in bytes
   */
  public long maxByteSize() {
    return maxByteSize;
  }

  /** Frees the memory. Closing again does nothing. */
  @Override
  public void close() {
    core.close();
  }

  void checkInvariants() {
    core.checkInvariants();
  }
}
