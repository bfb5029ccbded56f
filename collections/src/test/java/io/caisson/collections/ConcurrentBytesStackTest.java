package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.Allocator;
import io.caisson.smr.ReclamationDomain;
import io.caisson.testkit.LeakCheck;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ConcurrentBytesStackTest extends StackContract {

  /** Elements of 8 to 519 bytes, on both sides of what a pop asks for at first. */
  private record Bytestrings(ConcurrentBytesStack stack) implements Stack {
    private static byte[] encode(long value) {
      return ByteBuffer.allocate(Long.BYTES + (int) (value & 511)).putLong(value).array();
    }

    private static Long decode(byte[] bytes) {
      if (bytes == null) {
        return null;
      }
      long value = ByteBuffer.wrap(bytes).getLong();
      assertArrayEquals(encode(value), bytes);
      return value;
    }

    @Override
    public void push(long value) {
      stack.push(encode(value));
    }

    @Override
    public Long pop() {
      return decode(stack.pop());
    }

    @Override
    public Long peek() {
      return decode(stack.peek());
    }

    @Override
    public void forEach(Consumer<Long> consumer) {
      stack.forEach(bytes -> consumer.accept(decode(copy(bytes))));
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
      MemorySegment segment = MemorySegment.ofArray(new byte[8]);
      return List.of(
          () -> stack.push(new byte[3]),
          () -> stack.push(segment, 0, 8),
          stack::pop,
          () -> stack.pop(bytes -> {}),
          () -> stack.pop(segment, 0),
          stack::peek,
          () -> stack.peek(bytes -> {}),
          () -> stack.forEach(bytes -> {}),
          stack::size,
          stack::isEmpty,
          stack::clear);
    }

    @Override
    public String toString() {
      return stack.toString();
    }
  }

  private static byte[] copy(Slice bytes) {
    byte[] copy = new byte[(int) bytes.size()];
    for (int i = 0; i < copy.length; i++) {
      copy[i] = bytes.getByte(i);
    }
    return copy;
  }

  @Override
  Stack open(Allocator allocator, ReclamationDomain domain) {
    return new Bytestrings(new ConcurrentBytesStack(allocator, domain));
  }

  private static void with(Consumer<ConcurrentBytesStack> test) {
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain = new ReclamationDomain();
          ConcurrentBytesStack stack = new ConcurrentBytesStack(allocator, domain)) {
        test.accept(stack);
      }
    });
  }

  @Test
  void push_noBytes_isAnElement() {
    with(stack -> {
      stack.push(new byte[0]);
      assertEquals(1, stack.size());
      assertArrayEquals(new byte[0], stack.peek());
      assertTrue(stack.peek(bytes -> assertEquals(0, bytes.size())));
      assertArrayEquals(new byte[0], stack.pop());
      assertNull(stack.pop());
    });
  }

  @Test
  void push_partOfASegment_copiesIt() {
    with(stack -> {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment segment = arena.allocateFrom("haystack");
        stack.push(segment, 3, 5);
        segment.fill((byte) 0);
      }
      assertTrue(stack.pop(bytes -> assertEquals('s', bytes.getByte(0))));
      assertFalse(stack.pop(bytes -> {}));
    });
  }

  @Test
  void push_badRange_throwsAndChangesNothing() {
    with(stack -> {
      MemorySegment segment = MemorySegment.ofArray(new byte[8]);
      assertThrows(IndexOutOfBoundsException.class, () -> stack.push(segment, 1, 8));
      assertThrows(IndexOutOfBoundsException.class, () -> stack.push(segment, -1, 2));
      assertThrows(IndexOutOfBoundsException.class, () -> stack.push(segment, 0, -1));
      Arena arena = Arena.ofConfined();
      MemorySegment closed = arena.allocate(8);
      arena.close();
      assertThrows(IllegalStateException.class, () -> stack.push(closed, 0, 8));
      assertTrue(stack.isEmpty());
    });
  }

  @Test
  void pop_intoASegment_copiesOrLeavesTheElement() {
    with(stack -> {
      stack.push(new byte[] {1, 2, 3});
      byte[] target = new byte[5];
      MemorySegment segment = MemorySegment.ofArray(target);
      assertThrows(IndexOutOfBoundsException.class, () -> stack.pop(segment, 3));
      assertThrows(IndexOutOfBoundsException.class, () -> stack.pop(segment, -1));
      assertThrows(IllegalArgumentException.class, () -> stack.pop(segment.asReadOnly(), 0));
      Arena arena = Arena.ofConfined();
      MemorySegment closed = arena.allocate(8);
      arena.close();
      assertThrows(IllegalStateException.class, () -> stack.pop(closed, 0));
      assertEquals(1, stack.size());
      assertEquals(3, stack.pop(segment, 2));
      assertArrayEquals(new byte[] {0, 0, 1, 2, 3}, target);
      assertEquals(-1, stack.pop(segment, 0));
    });
  }

  @Test
  void pop_consumerThrows_losesTheElementAndNoMemory() {
    with(stack -> {
      stack.push(new byte[] {1});
      stack.push(new byte[] {2});
      assertThrows(
          ArithmeticException.class,
          () ->
              stack.pop(bytes -> {
                throw new ArithmeticException();
              }));
      assertArrayEquals(new byte[] {1}, stack.pop());
    });
  }

  @Test
  void pop_largerThanTheEstimate_pinsAgain() {
    with(stack -> {
      byte[] large = new byte[100_000];
      large[99_999] = 1;
      stack.push(new byte[] {1});
      stack.push(large);
      assertArrayEquals(large, stack.pop());
      assertArrayEquals(new byte[] {1}, stack.pop());
    });
  }
}
