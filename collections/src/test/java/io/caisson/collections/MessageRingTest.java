package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.testkit.LeakCheck;
import io.caisson.testkit.OomSweep;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MessageRingTest {

  private static final int EACH = 10_000;

  /** The two kinds of rings. */
  enum Kind {
    ONE_PRODUCER(1) {
      @Override
      MessageRing open(Allocator allocator, long capacity) {
        return MessageRing.ofOneProducer(allocator, capacity);
      }
    },

    MANY_PRODUCERS(3) {
      @Override
      MessageRing open(Allocator allocator, long capacity) {
        return MessageRing.ofManyProducers(allocator, capacity);
      }
    };

    final int producers;

    Kind(int producers) {
      this.producers = producers;
    }

    abstract MessageRing open(Allocator allocator, long capacity);

    void run(long capacity, Consumer<MessageRing> test) {
      LeakCheck.run(allocator -> {
        try (MessageRing ring = open(allocator, capacity)) {
          test.accept(ring);
        }
      });
    }
  }

  private static byte[] copy(Slice bytes) {
    return bytes.segment().toArray(ValueLayout.JAVA_BYTE);
  }

  private static List<String> peekAll(MessageRing ring) {
    List<String> seen = new ArrayList<>();
    assertEquals(ring.forEach(bytes -> seen.add(Arrays.toString(copy(bytes)))), seen.size());
    return seen;
  }

  // ---- one thread -------------------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource(Kind.class)
  void read_afterOffers_showsMessagesInOrder(Kind kind) {
    kind.run(
        64,
        ring -> {
          assertEquals(0, ring.read(bytes -> {}, 10));
          assertTrue(ring.offer(new byte[] {1, 2, 3}));
          assertTrue(ring.offer(new byte[0]));
          assertEquals(24, ring.byteSize());
          assertEquals(List.of("[1, 2, 3]", "[]"), peekAll(ring));
          List<Integer> sizes = new ArrayList<>();
          assertEquals(1, ring.read(bytes -> sizes.add(copy(bytes).length), 1));
          assertEquals(1, ring.read(bytes -> sizes.add(copy(bytes).length), 5));
          assertEquals(List.of(3, 0), sizes);
          assertEquals(0, ring.byteSize());
          ring.checkInvariants();
        });
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void offer_largestMessage_fitsIntoAnEmptyRingAnywhere(Kind kind) {
    kind.run(
        128,
        ring -> {
          byte[] largest = new byte[(int) ring.maxMessageByteSize()];
          Arrays.fill(largest, (byte) 7);
          for (int position = 0; position < 64; position++) {
            assertTrue(ring.offer(largest), "at " + position);
            assertEquals(1, ring.read(bytes -> assertArrayEquals(largest, copy(bytes)), 10));
            ring.checkInvariants();
            assertTrue(ring.offer(new byte[0]));
            assertEquals(1, ring.read(bytes -> {}, 10));
          }
          assertThrows(
              IllegalArgumentException.class, () -> ring.offer(new byte[largest.length + 1]));
          assertThrows(IllegalArgumentException.class, () -> ring.tryClaim(-1));
        });
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void offer_whenFull_answersFalse(Kind kind) {
    kind.run(
        64,
        ring -> {
          for (int i = 0; i < 4; i++) {
            assertTrue(ring.offer(new byte[8]));
          }
          assertFalse(ring.offer(new byte[0]));
          assertNull(ring.tryClaim(0));
          assertEquals(4, ring.forEach(bytes -> {}));
          ring.checkInvariants();
          assertEquals(1, ring.read(bytes -> {}, 1));
          assertTrue(ring.offer(new byte[8]));
          assertFalse(ring.offer(new byte[8]));
        });
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void claim_committedOrNot_isReadOrSkipped(Kind kind) {
    kind.run(
        256,
        ring -> {
          MessageClaim first = ring.tryClaim(21);
          try (MessageClaim second = ring.tryClaim(4)) {
            assertNotNull(second);
          } // aborted
          assertTrue(ring.offer(new byte[] {9}));
          assertEquals(0, ring.read(bytes -> {}, 10)); // the first hides what follows
          assertEquals(21, first.byteSize());
          first.putLong(0, 1);
          first.putInt(8, 2);
          first.putByte(12, (byte) 3);
          first.segment().set(ValueLayout.JAVA_LONG_UNALIGNED, 13, 4);
          assertThrows(IndexOutOfBoundsException.class, () -> first.putLong(14, 0));
          assertThrows(IndexOutOfBoundsException.class, () -> first.putByte(-1, (byte) 0));
          first.commit();
          first.close();
          assertThrows(IllegalStateException.class, first::commit);
          assertThrows(IllegalStateException.class, first::abort);
          assertThrows(IllegalStateException.class, first::segment);
          assertThrows(IllegalStateException.class, () -> first.putByte(0, (byte) 0));
          List<byte[]> read = new ArrayList<>();
          assertEquals(2, ring.read(bytes -> read.add(copy(bytes)), 10));
          ByteBuffer message = ByteBuffer.wrap(read.get(0)).order(java.nio.ByteOrder.nativeOrder());
          assertEquals(1, message.getLong());
          assertEquals(2, message.getInt());
          assertEquals(3, message.get());
          assertEquals(4, message.getLong());
          assertArrayEquals(new byte[] {9}, read.get(1));
          ring.checkInvariants();
        });
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void offer_badRange_throwsAndLeavesNoMessage(Kind kind) {
    kind.run(
        64,
        ring -> {
          MemorySegment segment = MemorySegment.ofArray(new byte[8]);
          assertThrows(IndexOutOfBoundsException.class, () -> ring.offer(segment, 1, 8));
          assertThrows(IndexOutOfBoundsException.class, () -> ring.offer(segment, 0, -1));
          Arena arena = Arena.ofConfined();
          MemorySegment closed = arena.allocate(8);
          arena.close();
          assertThrows(IllegalStateException.class, () -> ring.offer(closed, 0, 8));
          assertEquals(0, ring.read(bytes -> {}, 1));
          ring.checkInvariants();
        });
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void read_handlerThrowsOrReads_keepsTheRingSound(Kind kind) {
    kind.run(
        64,
        ring -> {
          ring.offer(new byte[] {1});
          ring.offer(new byte[] {2});
          assertThrows(
              ArithmeticException.class,
              () ->
                  ring.read(
                      bytes -> {
                        throw new ArithmeticException();
                      },
                      10));
          assertEquals(List.of("[2]"), peekAll(ring));
          assertThrows(
              IllegalStateException.class, () -> ring.forEach(bytes -> ring.read(inner -> {}, 1)));
          assertThrows(
              IllegalStateException.class, () -> ring.forEach(bytes -> ring.close(Duration.ZERO)));
          assertThrows(IllegalArgumentException.class, () -> ring.read(bytes -> {}, -1));
          assertEquals(1, ring.read(bytes -> assertEquals(2, bytes.getByte(0)), 10));
        });
  }

  @ParameterizedTest
  @EnumSource(TestAllocators.class)
  void everyOperation_atRandom_agreesWithArrayDeque(TestAllocators allocators) {
    long seed = System.nanoTime();
    System.out.println("MessageRing at random: seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    allocators.run(allocator -> {
      for (Kind kind : Kind.values()) {
        try (MessageRing ring = kind.open(allocator, 1024)) {
          agreesWithArrayDeque(ring, random);
        }
      }
    });
  }

  private static void agreesWithArrayDeque(MessageRing ring, SplittableRandom random) {
    Deque<byte[]> model = new ArrayDeque<>();
    for (int i = 0; i < 3000; i++) {
      byte[] message = new byte[random.nextInt(random.nextInt(4) == 0 ? 505 : 40)];
      random.nextBytes(message);
      switch (random.nextInt(4)) {
        case 0 -> {
          if (ring.offer(message)) {
            model.add(message);
          } else {
            assertTrue(ring.byteSize() > 0); // messages, or what was skipped
          }
        }
        case 1 -> {
          try (MessageClaim claim = ring.tryClaim(message.length)) {
            if (claim != null && random.nextBoolean()) {
              claim.segment().copyFrom(MemorySegment.ofArray(message));
              claim.commit();
              model.add(message);
            }
          }
        }
        default -> {
          int limit = random.nextInt(3);
          int expected = Math.min(limit, model.size());
          assertEquals(
              expected, ring.read(bytes -> assertArrayEquals(model.remove(), copy(bytes)), limit));
        }
      }
      assertEquals(model.size(), ring.forEach(bytes -> {}));
      if (i % 97 == 0) {
        ring.checkInvariants();
      }
    }
  }

  @Test
  void open_capacity_isRoundedUpAndBounded() {
    Kind.ONE_PRODUCER.run(
        65,
        ring -> {
          assertEquals(128, ring.capacity());
          assertEquals(56, ring.maxMessageByteSize());
        });
    for (long capacity : new long[] {-1, 0, 63, (1L << 30) + 1}) {
      assertThrows(
          IllegalArgumentException.class, () -> Kind.ONE_PRODUCER.run(capacity, ring -> {}));
    }
  }

  @Test
  void record_isAHeaderAndWholeWords() {
    assertEquals(8, MessageRecord.HEADER_SIZE);
    assertEquals(8, MessageRecord.ALIGNMENT);
    assertEquals(0, MessageRecord.HEADER);
    assertEquals(8, MessageRecord.byteSize(0));
    assertEquals(16, MessageRecord.byteSize(1));
    assertEquals(16, MessageRecord.byteSize(8));
  }

  @Test
  void ring_afterItsCreation_allocatesNothing() {
    try (AccountedAllocator allocator = Allocators.system();
        MessageRing ring = MessageRing.ofManyProducers(allocator, 128)) {
      for (int i = 0; i < 1000; i++) {
        ring.offer(new byte[i % 50]);
        ring.read(bytes -> {}, 1);
      }
      assertEquals(1, allocator.stats().allocations());
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void everyOperation_failingAllocations_leavesTheRingUnchanged(Kind kind) {
    assertEquals(
        1,
        OomSweep.of(allocator -> kind.open(allocator, 256))
            .steps(3, "offer", (ring, i) -> ring.offer(new byte[i]))
            .contents(MessageRingTest::peekAll)
            .invariants(MessageRing::checkInvariants)
            .run());
  }

  // ---- close ------------------------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource(Kind.class)
  void everyOperation_afterClose_throws(Kind kind) {
    kind.run(
        64,
        ring -> {
          ring.offer(new byte[3]);
          assertEquals("MessageRing(open)", ring.toString());
          ring.close();
          ring.close();
          assertTrue(ring.close(Duration.ZERO));
          MemorySegment segment = MemorySegment.ofArray(new byte[8]);
          for (Runnable operation :
              List.<Runnable>of(
                  () -> ring.offer(new byte[1]),
                  () -> ring.offer(segment, 0, 1),
                  () -> ring.tryClaim(1),
                  () -> ring.read(bytes -> {}, 1),
                  () -> ring.forEach(bytes -> {}),
                  ring::byteSize)) {
            assertThrows(IllegalStateException.class, operation::run);
          }
          assertEquals("MessageRing(closed)", ring.toString());
        });
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void close_claimOpen_failsAndCanBeTriedAgain(Kind kind) {
    kind.run(
        256,
        ring -> {
          ring.offer(new byte[] {1});
          MessageClaim claim = ring.tryClaim(8);
          assertFalse(ring.close(Duration.ZERO));
          assertThrows(IllegalStateException.class, () -> ring.offer(new byte[1]));
          assertEquals(1, ring.read(bytes -> {}, 10));
          claim.commit();
          assertTrue(ring.close(Duration.ZERO));
        });
  }

  @Test
  void close_whileProducersOffer_waitsForThoseUnderWay() {
    for (int round = 0; round < 50; round++) {
      Kind.MANY_PRODUCERS.run(
          1024,
          ring -> {
            try (Workers workers = new Workers()) {
              for (int p = 0; p < 2; p++) {
                workers.add(
                    () -> assertThrows(IllegalStateException.class, () -> offerForEver(ring)));
              }
              workers.add(() -> {
                for (int n = 0; ring.read(bytes -> {}, 10) == 0; n++) {
                  Spin.once(n);
                }
                ring.close();
              });
              workers.run();
            }
          });
    }
  }

  private static void offerForEver(MessageRing ring) {
    for (int i = 0; ; i++) {
      ring.offer(new byte[i % 100]);
      try (MessageClaim claim = ring.tryClaim(i % 50)) {
        assertTrue(claim == null || claim.byteSize() == i % 50);
      }
    }
  }

  // ---- many threads -----------------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource(Kind.class)
  void offerAndRead_fromManyThreads_conserveMessagesAndOrder(Kind kind) {
    Tally tally = new Tally(kind.producers, EACH);
    Tally.InOrder consumer = tally.new InOrder();
    kind.run(
        1024,
        ring -> {
          AtomicInteger aborted = new AtomicInteger();
          try (Workers workers = new Workers()) {
            for (int p = 0; p < kind.producers; p++) {
              int producer = p;
              workers.add(() -> produce(ring, producer, aborted));
            }
            workers.add(() -> {
              for (int n = 0; !tally.isComplete(); n++) {
                ring.forEach(bytes -> decode(bytes));
                n = ring.read(bytes -> consumer.take(decode(bytes)), 8) == 0 ? n : 0;
                Spin.once(n);
              }
            });
            workers.run();
          }
          tally.assertEachOnce();
          assertTrue(aborted.get() > 0);
          assertEquals(0, ring.read(bytes -> {}, 10));
          ring.checkInvariants();
        });
  }

  private static void produce(MessageRing ring, int producer, AtomicInteger aborted) {
    for (int i = 0; i < EACH; i++) {
      byte[] message = encode(Tally.value(producer, i));
      for (int n = 0; i % 2 == 0 && !ring.offer(message); n++) {
        Spin.once(n);
      }
      for (int n = 0; i % 2 == 1 && !claim(ring, message, n % 3 == 2 ? aborted : null); n++) {
        Spin.once(n);
      }
      if (i % 100 == 0) {
        claim(ring, message, aborted);
      }
    }
  }

  /** Writes a message by a claim, or aborts that; returns whether it was written. */
  private static boolean claim(MessageRing ring, byte[] message, AtomicInteger aborted) {
    try (MessageClaim claim = ring.tryClaim(message.length)) {
      if (claim == null) {
        return false;
      }
      if (aborted != null) {
        aborted.incrementAndGet();
        return false;
      }
      claim.segment().copyFrom(MemorySegment.ofArray(message));
      claim.commit();
      return true;
    }
  }

  private static byte[] encode(long value) {
    byte[] message = new byte[Long.BYTES + (int) (value % 57)];
    Arrays.fill(message, (byte) value);
    ByteBuffer.wrap(message).putLong(value);
    return message;
  }

  private static long decode(Slice bytes) {
    byte[] message = copy(bytes);
    long value = ByteBuffer.wrap(message).getLong();
    assertArrayEquals(encode(value), message);
    return value;
  }
}
