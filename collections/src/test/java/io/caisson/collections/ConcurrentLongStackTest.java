package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.caisson.alloc.Allocator;
import io.caisson.smr.ReclamationDomain;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ConcurrentLongStackTest extends StackContract {

  /** What the random values of the contract do not hit. */
  private static final long ABSENT = 0x5ca1ab1e_0ddba11L;

  private record Longs(ConcurrentLongStack stack) implements Stack {
    @Override
    public void push(long value) {
      stack.push(value);
    }

    private static Long present(long value) {
      return value == ABSENT ? null : (Long) value;
    }

    @Override
    public Long pop() {
      return present(stack.pop(ABSENT));
    }

    @Override
    public Long peek() {
      return present(stack.peek(ABSENT));
    }

    @Override
    public void forEach(Consumer<Long> consumer) {
      stack.forEach(consumer::accept);
    }

    @Override
    public void clear() {
      stack.clear();
    }

    @Override
    public long size() {
      return stack.size();
    }

    @Override
    public boolean isEmpty() {
      return stack.isEmpty();
    }

    @Override
    public void checkInvariants() {
      stack.checkInvariants();
    }

    @Override
    public void close() {
      stack.close();
    }

    @Override
    public List<Runnable> operations() {
      return List.of(
          () -> stack.push(1),
          () -> stack.pop(0),
          () -> stack.peek(0),
          () -> stack.forEach(value -> {}),
          stack::size,
          stack::isEmpty,
          stack::clear);
    }

    @Override
    public String toString() {
      return stack.toString();
    }
  }

  @Override
  Stack open(Allocator allocator, ReclamationDomain domain) {
    return new Longs(new ConcurrentLongStack(allocator, domain));
  }

  @Test
  void node_isALinkAndAWord() {
    assertEquals(16, StackNode.SIZE);
    assertEquals(8, StackNode.ALIGNMENT);
    assertEquals(0, StackNode.NEXT);
    assertEquals(8, StackNode.WORD);
  }
}
