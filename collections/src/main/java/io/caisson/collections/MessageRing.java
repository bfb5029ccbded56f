package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.Owned;
import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue of messages of any length in native memory, from one thread or many to one.
 *
 * <p>One thread at a time reads; its role may be handed on, as long as what the one did in it
 * happens-before what the next does. Who may offer and claim is said where it is made: any thread,
 * which is lock-free, or one at a time in the same way, which is wait-free. Reading is wait-free,
 * but a producer that has claimed and does not commit hides what was claimed after: the reader sees
 * an empty ring until then. Offering and reading are O(bytes). A message takes its bytes and 8
 * more, rounded up to a multiple of 8; at the end of the ring what is left over may go unused.
 *
 * <p>Actions before a message is offered or committed happen-before those in the handler that reads
 * it.
 *
 * <p><b>Close</b> belongs to the reader. It waits for claims that are open. Of a ring of many
 * producers they may go on meanwhile, and get {@link IllegalStateException}; that of one producer
 * is closed when it has stopped.
 */
public final class MessageRing implements AutoCloseable {

  /*
   * Source. Agrona's ManyToOneRingBuffer (M. Thompson): a tail that producers move by CAS, records
   * with a header that is written last, a padding record where a message would not fit before the
   * end, and a consumer that zeroes what it has read. With one producer the same without the CAS:
   * the consumer follows the headers and never reads tail, as in FastForward (Giacomoni et al.,
   * 2008).
   *
   * Words. tail: where the next record goes; CLOSED once closed. headSeen: some value that head had.
   * head: the first record that is not read. handling: 1 while the reader is in a handler; like head
   * its own, and off the lines that producers read. Positions count bytes from 0 up and never wrap.
   *
   * Invariants.
   * I1  headSeen <= head <= tail <= head + capacity; all are multiples of 8.
   * I2  From head to tail there are records end to end, none of which crosses the end of the ring.
   *     Those whose header is INCOMPLETE are claimed, and only their producer touches them.
   * I3  All other bytes are 0: so a record that is claimed has an INCOMPLETE header, wherever it is.
   * I4  A message takes at most half of the ring, so that one fits into an empty ring wherever head
   *     is: what is skipped before the end is shorter than the record.
   * I5  Once CLOSED, tail stays CLOSED: nobody compares and sets it who has read that.
   *
   * Ordering. R1, the release of a header, pairs with A1: the message is written before it is read.
   * R2, the release of head, pairs with A2, directly or by way of R3 and A3, those of headSeen: the
   * zeros are there before the room is used again. headSeen may go back, which does no harm.
   */

  private static final int TAIL = 0;
  private static final int HEAD_SEEN = 1;
  private static final int HEAD = 2;
  private static final int HANDLING = 3;
  private static final int WORDS = 4;
  private static final long LEAST_CAPACITY = 64;
  private static final long MOST_CAPACITY = 1L << 30;
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

  private final PaddedWords words = new PaddedWords(WORDS);
  private final RingStorage ring;
  private final long capacity;
  private final boolean oneProducer;

  /** Where the last record ends; known once tail is CLOSED. */
  private long end;

  private MessageRing(Allocator allocator, long capacity, boolean oneProducer) {
    if (capacity < LEAST_CAPACITY || capacity > MOST_CAPACITY) {
      throw new IllegalArgumentException(
          "a capacity of "
              + capacity
              + " bytes; expected "
              + LEAST_CAPACITY
              + " to "
              + MOST_CAPACITY);
    }
    ring = new RingStorage("MessageRing", allocator, capacity, LEAST_CAPACITY, Byte.BYTES);
    this.capacity = ring.capacity();
    this.oneProducer = oneProducer;
  }

  /**
   * Creates an empty ring that one thread at a time writes to.
   *
   * @param allocator where its storage comes from; must outlive it
   * @param capacity the least capacity in bytes, from 64 to 2<sup>30</sup>; rounded up to a power
   *     of two
   * @return the ring, owned by the caller, who closes it
   * @throws AllocationException if there is no room
   * @throws IllegalArgumentException if the capacity is not so
   */
  @Owned
  public static MessageRing ofOneProducer(@Borrowed Allocator allocator, long capacity) {
    return new MessageRing(allocator, capacity, true);
  }

  /**
   * Creates an empty ring that any thread writes to.
   *
   * @param allocator where its storage comes from; must outlive it
   * @param capacity the least capacity in bytes, from 64 to 2<sup>30</sup>; rounded up to a power
   *     of two
   * @return the ring, owned by the caller, who closes it
   * @throws AllocationException if there is no room
   * @throws IllegalArgumentException if the capacity is not so
   */
  @Owned
  public static MessageRing ofManyProducers(@Borrowed Allocator allocator, long capacity) {
    return new MessageRing(allocator, capacity, false);
  }

  // ---- producers --------------------------------------------------------------------------------

  /**
   * Puts a copy of some bytes at the end, if there is room.
   *
   * @param source a segment that holds them
   * @param offset where in it they start
   * @param byteSize how many, from 0 to {@link #maxMessageByteSize}
   * @return whether there was room
   * @throws IllegalArgumentException if there are too many
   * @throws IndexOutOfBoundsException if they are not inside the segment
   * @throws IllegalStateException if the ring or the segment is closed
   */
  public boolean offer(@Borrowed MemorySegment source, long offset, long byteSize) {
    Objects.checkFromIndexSize(offset, byteSize, source.byteSize());
    long record = claim(byteSize);
    if (record == Memory.NULL) {
      return false;
    }
    try {
      Memory.copyFrom(source, offset, MessageRecord.message(record), byteSize);
    } catch (RuntimeException | Error e) {
      MessageRecord.skipRelease(record, byteSize); // the segment is closed, or another thread's
      throw e;
    }
    MessageRecord.completeRelease(record, byteSize); // R1
    return true;
  }

  /**
   * Puts a copy of an array at the end, if there is room.
   *
   * @param message the bytes, at most {@link #maxMessageByteSize}
   * @return whether there was room
   * @throws IllegalArgumentException if there are too many
   * @throws IllegalStateException if the ring is closed
   */
  public boolean offer(byte[] message) {
    return offer(MemorySegment.ofArray(message), 0, message.length);
  }

  /**
   * Claims room for a message, to be written in place.
   *
   * @param byteSize its size in bytes, from 0 to {@link #maxMessageByteSize}
   * @return the claim, owned by the caller, who commits or closes it; null if there is no room
   * @throws IllegalArgumentException if the size is not so
   * @throws IllegalStateException if the ring is closed
   */
  @Owned
  public @Nullable MessageClaim tryClaim(long byteSize) {
    long record = claim(byteSize);
    return record == Memory.NULL ? null : new MessageClaim(record, byteSize);
  }

  /** Claims a record, or returns NULL. */
  private long claim(long byteSize) {
    if (byteSize < 0 || byteSize > maxMessageByteSize()) {
      throw new IllegalArgumentException(
          "a message of " + byteSize + " bytes; expected 0 to " + maxMessageByteSize());
    }
    long recordByteSize = MessageRecord.byteSize(byteSize);
    for (; ; ) {
      long tail = words.getOpaque(TAIL);
      ring.requireOpen(tail); // I5
      long toEnd = capacity - (tail & (capacity - 1));
      long skipped = toEnd < recordByteSize ? toEnd : 0;
      long next = tail + skipped + recordByteSize;
      if (next - words.getAcquire(HEAD_SEEN) > capacity && !hasRoom(next)) { // A3
        return Memory.NULL;
      }
      if (moveTail(tail, next)) {
        if (skipped != 0) {
          MessageRecord.skipRelease(ring.slot(tail), skipped - MessageRecord.HEADER_SIZE); // R1
        }
        return ring.slot(tail + skipped);
      }
      Thread.onSpinWait();
    }
  }

  private boolean hasRoom(long next) {
    long head = words.getAcquire(HEAD); // A2: pairs with R2
    words.setRelease(HEAD_SEEN, head); // R3
    return next - head <= capacity;
  }

  private boolean moveTail(long tail, long next) {
    if (oneProducer) {
      words.setRelease(TAIL, next); // for size only
      return true;
    }
    return words.compareAndSet(TAIL, tail, next);
  }

  // ---- the reader -------------------------------------------------------------------------------

  /**
   * Passes messages on and takes them off, one after the other. One that the handler throws at is
   * gone.
   *
   * @param handler what takes them; it must not read from this ring
   * @param limit the most to take, not negative
   * @return how many there were
   * @throws IllegalArgumentException if the limit is negative
   * @throws IllegalStateException if the ring is closed, or the handler reads from it
   */
  public int read(SliceConsumer handler, int limit) {
    if (limit < 0) {
      throw new IllegalArgumentException("a limit of " + limit + "; expected 0 or more");
    }
    enter();
    try {
      int count = 0;
      while (count < limit) {
        long record = ring.slot(words.get(HEAD));
        long header = MessageRecord.headerAcquire(record); // A1: pairs with R1
        if (header == MessageRecord.INCOMPLETE) {
          break;
        }
        count += take(handler, record, header);
      }
      return count;
    } finally {
      words.set(HANDLING, 0);
    }
  }

  private int take(SliceConsumer handler, long record, long header) {
    try {
      return show(handler, record, header);
    } finally {
      release(record, header);
    }
  }

  /** Zeroes a record and gives its room up. */
  private void release(long record, long header) {
    long byteSize = MessageRecord.byteSize(MessageRecord.messageByteSize(header));
    Memory.fill(record, byteSize, (byte) 0); // I3
    words.setRelease(HEAD, words.get(HEAD) + byteSize); // R2
  }

  /** Shows a record to a handler if it is a message, and returns how many messages that was. */
  private static int show(SliceConsumer handler, long record, long header) {
    if (!MessageRecord.isMessage(header)) {
      return 0;
    }
    long byteSize = MessageRecord.messageByteSize(header);
    handler.accept(new Slice(MessageRecord.message(record), byteSize, 1));
    return 1;
  }

  /**
   * Passes on all messages that can be read, and leaves them there.
   *
   * @param handler what takes them; it must not read from this ring
   * @return how many there were
   * @throws IllegalStateException if the ring is closed, or the handler reads from it
   */
  public long forEach(SliceConsumer handler) {
    enter();
    try {
      long head = words.get(HEAD);
      long count = 0;
      for (long position = head; position < head + capacity; ) {
        long record = ring.slot(position);
        long header = MessageRecord.headerAcquire(record); // A1
        if (header == MessageRecord.INCOMPLETE) {
          break;
        }
        count += show(handler, record, header);
        position += MessageRecord.byteSize(MessageRecord.messageByteSize(header));
      }
      return count;
    } finally {
      words.set(HANDLING, 0);
    }
  }

  private void enter() {
    ring.requireOpen(words.get(HEAD));
    if (words.get(HANDLING) != 0) {
      throw new IllegalStateException("a handler must not read from its ring, or close it");
    }
    words.set(HANDLING, 1);
  }

  // ---- the end ----------------------------------------------------------------------------------

  /**
   * Closes as {@link #close(Duration)} with 10 seconds.
   *
   * @throws IllegalStateException if claims stayed open, or a handler calls it
   */
  @Override
  public void close() {
    if (!close(CLOSE_TIMEOUT)) {
      throw new IllegalStateException(
          "claims on this MessageRing stayed open for "
              + CLOSE_TIMEOUT
              + "; its memory is not freed; close it again when they are ended");
    }
  }

  /**
   * Lets nobody claim any more, waits for the claims that are open, and frees the memory with all
   * messages that are left. If claims stay open, the messages before them can still be read, and it
   * may be called again. Once it has succeeded, calling it again does nothing.
   *
   * @param timeout the longest wait
   * @return whether it is closed; false if claims stayed open
   * @throws IllegalStateException if a handler calls it
   */
  public boolean close(Duration timeout) {
    if (words.get(HEAD) == RingStorage.CLOSED) {
      return true;
    }
    enter();
    try {
      long tail = words.getAndSet(TAIL, RingStorage.CLOSED);
      if (tail != RingStorage.CLOSED) {
        end = tail;
      }
      if (!awaitClaims(System.nanoTime(), timeout.toNanos())) {
        return false;
      }
    } finally {
      words.set(HANDLING, 0);
    }
    words.setRelease(HEAD, RingStorage.CLOSED);
    ring.free();
    return true;
  }

  private boolean awaitClaims(long start, long nanos) {
    long position = words.get(HEAD);
    for (int n = 0; position < end; n++) {
      long header = MessageRecord.headerAcquire(ring.slot(position)); // A1
      if (header != MessageRecord.INCOMPLETE) {
        position += MessageRecord.byteSize(MessageRecord.messageByteSize(header));
        n = 0;
      } else if (System.nanoTime() - start >= nanos) {
        return false;
      } else {
        Spin.once(n);
      }
    }
    return true;
  }

  // ---- anybody ----------------------------------------------------------------------------------

  /**
   * Returns how many bytes the records take that are not read; an estimate while others work.
   *
   * @return the bytes, headers and what is skipped included
   * @throws IllegalStateException if the ring is closed
   */
  public long byteSize() {
    long head = words.getAcquire(HEAD);
    long tail = words.getAcquire(TAIL);
    ring.requireOpen(tail);
    return ring.size(head, tail);
  }

  /**
   * Returns the size of the ring.
   *
   * @return the bytes, a power of two
   */
  public long capacity() {
    return capacity;
  }

  /**
   * Returns the size of the largest message: half the capacity, less 8 bytes.
   *
   * @return the size in bytes
   */
  public long maxMessageByteSize() {
    return capacity / 2 - MessageRecord.HEADER_SIZE;
  }

  /** When nobody is in an operation and no claim is open. */
  void checkInvariants() {
    long head = words.get(HEAD);
    long tail = words.get(TAIL);
    if (words.get(HEAD_SEEN) > head || head > tail || tail > head + capacity) {
      throw new AssertionError("I1: head " + head + ", tail " + tail + ", capacity " + capacity);
    }
    long position = head;
    while (position < tail) {
      long header = MessageRecord.headerAcquire(ring.slot(position));
      long next = position + MessageRecord.byteSize(MessageRecord.messageByteSize(header));
      if (header == MessageRecord.INCOMPLETE
          || next > tail
          || ((next - 1) & -capacity) != (position & -capacity)) {
        throw new AssertionError("I2: a record from " + position + " to " + next);
      }
      position = next;
    }
    for (; position < head + capacity; position++) {
      if (Memory.getByte(ring.slot(position)) != 0) {
        throw new AssertionError("I3: position " + position + " is not 0");
      }
    }
  }

  /** Returns whether it is open or closed. */
  @Override
  public String toString() {
    return ring.describe(words.getOpaque(TAIL));
  }
}
