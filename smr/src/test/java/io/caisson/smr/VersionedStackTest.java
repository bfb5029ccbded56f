package io.caisson.smr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class VersionedStackTest {

  private final Roll<Numbered> roll = new Roll<>(Numbered::new);
  private final VersionedStack<Numbered> stack = new VersionedStack<>(roll);

  @Test
  void pop_returnsWhatWasPushedLast() {
    Numbered first = roll.add();
    Numbered second = roll.add();
    assertNull(stack.pop());
    stack.push(first);
    stack.push(second);
    assertSame(second, stack.pop());
    assertSame(first, stack.pop());
    assertNull(stack.pop());
    assertTrue(stack.isEmpty());
  }

  @Test
  void takeAll_leadsToEveryElement() {
    for (int i = 0; i < 40; i++) {
      stack.push(roll.add());
    }
    BitSet seen = new BitSet();
    for (Numbered at = stack.takeAll(); at != null; at = stack.under(at)) {
      seen.set(at.number);
    }
    assertEquals(40, seen.cardinality());
    assertTrue(stack.isEmpty());
    assertNull(stack.takeAll());
  }

  @Test
  void pop_byBagsEpoch_leavesWhatIsNotRipe() {
    Roll<Bag> bags = new Roll<>(number -> new Bag(number, 1));
    VersionedStack<Bag> sealed = new VersionedStack<>(bags);
    Bag bag = bags.add();
    bag.setTag(7);
    sealed.push(bag);
    assertNull(sealed.pop(8));
    assertNull(sealed.pop(SharedWords.CLOSED));
    assertSame(bag, sealed.pop(9));
  }

  @Test
  void pop_byTwoThreads_handsOutEachOnce() throws InterruptedException {
    int elements = 4;
    for (int i = 0; i < elements; i++) {
      stack.push(roll.add());
    }
    AtomicIntegerArray holders = new AtomicIntegerArray(elements);
    Runnable worker =
        () -> {
          for (int i = 0; i < 100_000; i++) {
            Numbered popped = stack.pop();
            if (popped != null) {
              assertEquals(1, holders.incrementAndGet(popped.number));
              holders.decrementAndGet(popped.number);
              stack.push(popped);
            }
          }
        };
    Throwable[] failure = new Throwable[1];
    Thread[] threads = {new Thread(worker), new Thread(worker)};
    for (Thread thread : threads) {
      thread.setUncaughtExceptionHandler((t, e) -> failure[0] = e);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertNull(failure[0]);
    int left = 0;
    while (stack.pop() != null) {
      left++;
    }
    assertEquals(elements, left);
  }
}
