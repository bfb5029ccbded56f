package io.caisson.bench;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocators;
import io.caisson.collections.ConcurrentLongQueue;
import io.caisson.collections.MessageClaim;
import io.caisson.collections.MessageRing;
import io.caisson.collections.MpmcLongQueue;
import io.caisson.collections.MpmcUnboundedLongQueue;
import io.caisson.collections.MpscLongQueue;
import io.caisson.collections.Slice;
import io.caisson.collections.SliceConsumer;
import io.caisson.collections.SpscLongQueue;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.agrona.BufferUtil;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.OneToOneConcurrentArrayQueue;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.jctools.queues.MpmcArrayQueue;
import org.jctools.queues.MpmcUnboundedXaddArrayQueue;
import org.jctools.queues.MpscArrayQueue;
import org.jctools.queues.SpscArrayQueue;

/**
 * A queue of numbers from 0 up, as much of it as the benchmarks use; one implementation in each
 * fork. Those on the Java heap hold boxed numbers, which are cached below 128 and made above.
 */
interface Courier extends AutoCloseable {

  /** What an empty queue gives. */
  long NONE = -1;

  boolean offer(long value);

  long poll();

  @Override
  void close();

  static Courier of(String implementation, int capacity) {
    return switch (implementation) {
      case "caisson-spsc", "caisson-mpsc", "caisson-mpmc", "caisson-unbounded" ->
          new Caisson(implementation, capacity);
      case "caisson-ring-one", "caisson-ring-many" -> new CaissonRing(implementation, capacity);
      case "jctools-spsc" -> new OnHeap(new SpscArrayQueue<>(capacity));
      case "jctools-mpsc" -> new OnHeap(new MpscArrayQueue<>(capacity));
      case "jctools-mpmc" -> new OnHeap(new MpmcArrayQueue<>(capacity));
      case "jctools-unbounded" -> new OnHeap(new MpmcUnboundedXaddArrayQueue<>(1024));
      case "agrona-spsc" -> new OnHeap(new OneToOneConcurrentArrayQueue<>(capacity));
      case "agrona-mpsc" -> new OnHeap(new ManyToOneConcurrentArrayQueue<>(capacity));
      case "agrona-ring-one", "agrona-ring-many" -> new AgronaRing(implementation, capacity);
      case "ConcurrentLinkedQueue" -> new OnHeap(new ConcurrentLinkedQueue<>());
      default -> throw new IllegalArgumentException("no queue is called " + implementation);
    };
  }

  /** Ours. */
  final class Caisson implements Courier {
    private final AccountedAllocator allocator = Allocators.system();
    private final ConcurrentLongQueue queue;

    Caisson(String implementation, int capacity) {
      queue =
          switch (implementation) {
            case "caisson-spsc" -> new SpscLongQueue(allocator, capacity);
            case "caisson-mpsc" -> new MpscLongQueue(allocator, capacity);
            case "caisson-mpmc" -> new MpmcLongQueue(allocator, capacity);
            default -> new MpmcUnboundedLongQueue(allocator);
          };
    }

    @Override
    public boolean offer(long value) {
      return queue.offer(value);
    }

    @Override
    public long poll() {
      return queue.poll(NONE);
    }

    @Override
    public void close() {
      queue.close();
      allocator.close();
    }
  }

  /** Any of objects. */
  final class OnHeap implements Courier {
    private final Queue<Long> queue;

    OnHeap(Queue<Long> queue) {
      this.queue = queue;
    }

    @Override
    public boolean offer(long value) {
      return queue.offer(value);
    }

    @Override
    public long poll() {
      Long value = queue.poll();
      return value == null ? NONE : value;
    }

    @Override
    public void close() {
      queue.clear();
    }
  }

  /** Messages of a number, in our ring, of which each takes 16 bytes. */
  final class CaissonRing implements Courier, SliceConsumer {
    private final AccountedAllocator allocator = Allocators.system();
    private final MessageRing ring;
    private long last;

    CaissonRing(String implementation, int capacity) {
      long byteSize = 16L * capacity;
      ring =
          implementation.equals("caisson-ring-one")
              ? MessageRing.ofOneProducer(allocator, byteSize)
              : MessageRing.ofManyProducers(allocator, byteSize);
    }

    @Override
    public boolean offer(long value) {
      MessageClaim claim = ring.tryClaim(Long.BYTES);
      if (claim == null) {
        return false;
      }
      claim.putLong(0, value);
      claim.commit();
      return true;
    }

    @Override
    public long poll() {
      return ring.read(this, 1) == 0 ? NONE : last;
    }

    @Override
    public void accept(Slice message) {
      last = message.getLong(0);
    }

    @Override
    public void close() {
      ring.close();
      allocator.close();
    }
  }

  /** The same in Agrona's. */
  final class AgronaRing implements Courier, MessageHandler {
    private static final int LINE = 128;

    private final ByteBuffer memory;
    private final RingBuffer ring;
    private long last;

    AgronaRing(String implementation, int capacity) {
      memory =
          ByteBuffer.allocateDirect(16 * capacity + RingBufferDescriptor.TRAILER_LENGTH + LINE);
      UnsafeBuffer buffer =
          new UnsafeBuffer(memory.alignedSlice(LINE).slice(0, memory.capacity() - LINE));
      ring =
          implementation.equals("agrona-ring-one")
              ? new OneToOneRingBuffer(buffer)
              : new ManyToOneRingBuffer(buffer);
    }

    @Override
    public boolean offer(long value) {
      int index = ring.tryClaim(1, Long.BYTES);
      if (index < 0) {
        return false;
      }
      ring.buffer().putLong(index, value);
      ring.commit(index);
      return true;
    }

    @Override
    public long poll() {
      return ring.read(this, 1) == 0 ? NONE : last;
    }

    @Override
    public void onMessage(int type, MutableDirectBuffer buffer, int index, int length) {
      last = buffer.getLong(index);
    }

    @Override
    public void close() {
      BufferUtil.free(memory);
    }
  }
}
