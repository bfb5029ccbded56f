package io.caisson.collections;

import io.caisson.alloc.View;
import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Room for one message that was claimed in a {@link MessageRing}, to be written in place and then
 * committed, or aborted.
 *
 * <pre>{@code
 * try (MessageClaim claim = ring.tryClaim(16)) {
 *   if (claim != null) {
 *     claim.putLong(0, id);
 *     claim.putLong(8, price);
 *     claim.commit();
 *   }
 * } // not committed: aborted
 * }</pre>
 *
 * <p>Used by one thread at a time. Until it is ended, the messages that were claimed after it wait
 * behind it, and the ring cannot be closed. Every operation is wait-free and O(1); those on a claim
 * that is ended throw {@link IllegalStateException}.
 */
public final class MessageClaim implements AutoCloseable {

  private final long record;
  private final long byteSize;
  private boolean ended;

  MessageClaim(long record, long byteSize) {
    this.record = record;
    this.byteSize = byteSize;
  }

  private long at(long byteOffset, long size) {
    requireOpen();
    Objects.checkFromIndexSize(byteOffset, size, byteSize);
    return MessageRecord.message(record) + byteOffset;
  }

  private void requireOpen() {
    if (ended) {
      throw new IllegalStateException("this claim is committed or aborted");
    }
  }

  /**
   * Returns the size of the message.
   *
   * @return the size in bytes
   */
  public long byteSize() {
    return byteSize;
  }

  /**
   * Writes a byte.
   *
   * @param byteOffset where in the message it goes
   * @param value the byte
   * @throws IndexOutOfBoundsException if it is not inside the message
   */
  public void putByte(long byteOffset, byte value) {
    Memory.putByte(at(byteOffset, Byte.BYTES), value);
  }

  /**
   * Writes an int in native byte order, at any alignment.
   *
   * @param byteOffset where in the message it goes
   * @param value the int
   * @throws IndexOutOfBoundsException if it is not inside the message
   */
  public void putInt(long byteOffset, int value) {
    Memory.putInt(at(byteOffset, Integer.BYTES), value);
  }

  /**
   * Writes a long in native byte order, at any alignment.
   *
   * @param byteOffset where in the message it goes
   * @param value the long
   * @throws IndexOutOfBoundsException if it is not inside the message
   */
  public void putLong(long byteOffset, long value) {
    Memory.putLong(at(byteOffset, Long.BYTES), value);
  }

  /**
   * Returns the message as a segment to write to.
   *
   * @return the segment, valid until the claim is committed or aborted; the JDK guards its bounds
   *     and nobody guards its lifetime
   */
  @View
  public MemorySegment segment() {
    return Memory.segment(at(0, byteSize), byteSize);
  }

  /** Completes the message, which the consumer may read from now on. What was not written is 0. */
  public void commit() {
    requireOpen();
    ended = true;
    MessageRecord.completeRelease(record, byteSize);
  }

  /** Gives the room up: the consumer will skip it. */
  public void abort() {
    requireOpen();
    ended = true;
    MessageRecord.skipRelease(record, byteSize);
  }

  /** Aborts the claim if it is neither committed nor aborted. */
  @Override
  public void close() {
    if (!ended) {
      abort();
    }
  }
}
