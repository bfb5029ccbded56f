package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * What {@link Queue} says of every queue, as far as one without an iterator can keep it; why there
 * is none {@link ConcurrentLongQueue#asQueue} says.
 */
abstract class QueueContract {

  private static final int SIZE = 8;

  /** Runs a test on an empty queue with room for 8, or without a limit. */
  abstract void run(Consumer<Queue<Long>> test);

  abstract boolean isBounded();

  private void runFull(Consumer<Queue<Long>> test) {
    run(queue -> {
      for (long i = 0; i < SIZE; i++) {
        assertTrue(queue.add(i));
      }
      test.accept(queue);
    });
  }

  @Test
  void isEmpty_beforeAddAndAfterRemove_isTrue() {
    run(queue -> {
      assertTrue(queue.isEmpty());
      queue.add(1L);
      assertFalse(queue.isEmpty());
      queue.add(2L);
      queue.remove();
      queue.remove();
      assertTrue(queue.isEmpty());
    });
  }

  @Test
  void size_whileAddingAndRemoving_countsElements() {
    runFull(queue -> {
      for (int i = 0; i < SIZE; i++) {
        assertEquals(SIZE - i, queue.size());
        queue.remove();
      }
      for (int i = 0; i < SIZE; i++) {
        assertEquals(i, queue.size());
        queue.add((long) i);
      }
    });
  }

  @Test
  @SuppressWarnings("NullAway") // what must be refused
  void offerAndAdd_null_throw() {
    run(queue -> {
      assertThrows(NullPointerException.class, () -> queue.offer(null));
      assertThrows(NullPointerException.class, () -> queue.add(null));
      assertThrows(NullPointerException.class, () -> queue.addAll(null));
      assertThrows(NullPointerException.class, () -> queue.addAll(Collections.singletonList(null)));
      assertTrue(queue.isEmpty());
    });
  }

  @Test
  void offerAndAdd_whenFull_answerFalseAndThrow() {
    if (isBounded()) {
      runFull(queue -> {
        assertFalse(queue.offer(8L));
        assertThrows(IllegalStateException.class, () -> queue.add(8L));
        assertThrows(IllegalStateException.class, () -> queue.addAll(List.of(8L)));
        assertEquals(SIZE, queue.size());
      });
    }
  }

  @Test
  void addAll_someElements_addsThemInOrder() {
    run(queue -> {
      assertFalse(queue.addAll(List.of()));
      assertTrue(queue.addAll(List.of(5L, 4L, 3L)));
      assertEquals(5, queue.poll());
      assertEquals(4, queue.poll());
      assertEquals(3, queue.poll());
      assertNull(queue.poll());
    });
  }

  @Test
  @SuppressWarnings("NullAway") // what must be refused
  void addAll_withANullInside_addsWhatComesBefore() {
    run(queue -> {
      assertThrows(NullPointerException.class, () -> queue.addAll(Arrays.asList(1L, null, 2L)));
      assertEquals(1, queue.poll());
      assertNull(queue.poll());
    });
  }

  @Test
  @SuppressWarnings("ModifyingCollectionWithItself") // what must be refused
  void addAll_itself_throws() {
    run(queue -> assertThrows(IllegalArgumentException.class, () -> queue.addAll(queue)));
  }

  @Test
  void poll_untilEmpty_succeedsInOrderThenAnswersNull() {
    runFull(queue -> {
      for (long i = 0; i < SIZE; i++) {
        assertEquals(i, queue.poll());
      }
      assertNull(queue.poll());
    });
  }

  @Test
  void peekAndElement_untilEmpty_showTheFirst() {
    runFull(queue -> {
      for (long i = 0; i < SIZE; i++) {
        assertEquals(i, queue.peek());
        assertEquals(i, queue.element());
        assertEquals(i, queue.poll());
      }
      assertNull(queue.peek());
      assertThrows(NoSuchElementException.class, queue::element);
    });
  }

  @Test
  void remove_untilEmpty_succeedsThenThrows() {
    runFull(queue -> {
      for (long i = 0; i < SIZE; i++) {
        assertEquals(i, queue.remove());
      }
      assertThrows(NoSuchElementException.class, queue::remove);
    });
  }

  @Test
  void clear_someElements_removesAll() {
    runFull(queue -> {
      queue.clear();
      assertTrue(queue.isEmpty());
      assertEquals(0, queue.size());
      queue.add(1L);
      assertFalse(queue.isEmpty());
      queue.clear();
      assertTrue(queue.isEmpty());
    });
  }

  @Test
  void peek_anyValue_isToldFromNone() {
    long[] odd = {0, -1, 1, Long.MIN_VALUE, Long.MAX_VALUE, 0x7a6b_5c4d_3e2f_1001L};
    run(queue -> {
      for (long value : odd) {
        for (long each : new long[] {value, ~value}) {
          queue.add(each);
          assertEquals(each, queue.peek());
          assertEquals(each, queue.poll());
          assertNull(queue.peek());
        }
      }
    });
  }

  @Test
  void iterator_andWhatNeedsOne_isUnsupported() {
    runFull(queue -> {
      assertThrows(UnsupportedOperationException.class, queue::iterator);
      assertThrows(UnsupportedOperationException.class, () -> queue.contains(1L));
      assertThrows(UnsupportedOperationException.class, queue::toArray);
      assertTrue(queue.toString().endsWith("(open)"), queue::toString);
    });
  }

  @Test
  void everyOperation_atRandom_agreesWithArrayDeque() {
    long seed = System.nanoTime();
    System.out.println(getClass().getName() + " at random: seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    run(queue -> {
      Queue<Long> model = new ArrayDeque<>();
      for (int i = 0; i < 3000; i++) {
        switch (random.nextInt(5)) {
          case 0, 1 -> {
            long value = random.nextInt(4);
            boolean room = !isBounded() || model.size() < SIZE;
            assertEquals(room, queue.offer(value));
            if (room) {
              model.add(value);
            }
          }
          case 2 -> assertEquals(model.peek(), queue.peek());
          default -> assertEquals(model.poll(), queue.poll());
        }
        assertEquals(model.size(), queue.size());
        assertEquals(model.isEmpty(), queue.isEmpty());
      }
    });
  }
}
