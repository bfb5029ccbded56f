package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.caisson.alloc.Allocator;
import io.caisson.testkit.LeakCheck;
import java.lang.foreign.MemorySegment;
import java.util.PrimitiveIterator;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Runs the contract of vectors on {@link LongVector}. */
class LongVectorTest implements VectorContract {

  private record Face(LongVector vector) implements Vector {
    @Override
    public void add(long value) {
      vector.add(value);
    }

    @Override
    public void addAll(long... values) {
      vector.addAll(values);
    }

    @Override
    public long get(long index) {
      return vector.get(index);
    }

    @Override
    public void set(long index, long value) {
      vector.set(index, value);
    }

    @Override
    public long removeLast() {
      return vector.removeLast();
    }

    @Override
    public void addAll(MemorySegment values) {
      vector.addAll(values);
    }

    @Override
    public void insert(long index, long value) {
      vector.insert(index, value);
    }

    @Override
    public long remove(long index) {
      return vector.remove(index);
    }

    @Override
    public long swapRemove(long index) {
      return vector.swapRemove(index);
    }

    @Override
    public void sort() {
      vector.sort();
    }

    @Override
    public long binarySearch(long value) {
      return vector.binarySearch(value);
    }

    @Override
    public LongStream stream() {
      return vector.stream();
    }

    @Override
    public PrimitiveIterator.OfLong iterator() {
      return vector.iterator();
    }

    @Override
    public void clear() {
      vector.clear();
    }

    @Override
    public void reserve(long minCapacity) {
      vector.reserve(minCapacity);
    }

    @Override
    public void trimToSize() {
      vector.trimToSize();
    }

    @Override
    public long size() {
      return vector.size();
    }

    @Override
    public long capacity() {
      return vector.capacity();
    }

    @Override
    public boolean isEmpty() {
      return vector.isEmpty();
    }

    @Override
    public long[] toArray() {
      return vector.toArray();
    }

    @Override
    public void forEach(LongConsumer action) {
      vector.forEach(action);
    }

    @Override
    public Slice asSlice() {
      return vector.asSlice();
    }

    @Override
    public long read(Slice slice, long index) {
      return slice.getLong(index);
    }

    @Override
    public void checkInvariants() {
      vector.checkInvariants();
    }

    @Override
    public void close() {
      vector.close();
    }
  }

  @Override
  public Vector create(Allocator allocator) {
    return new Face(new LongVector(allocator));
  }

  @Override
  public Vector create(Allocator allocator, long initialCapacity) {
    return new Face(new LongVector(allocator, initialCapacity));
  }

  @Override
  public long elementByteSize() {
    return Long.BYTES;
  }

  @Test
  void add_extremes_keepsEveryBit() {
    long[] extremes = {Long.MIN_VALUE, -1, 0, 1, Long.MAX_VALUE, 0x0123456789abcdefL};
    LeakCheck.run(allocator -> {
      try (LongVector vector = new LongVector(allocator)) {
        vector.addAll(extremes);
        for (long value : extremes) {
          vector.add(value);
        }
        for (int i = 0; i < 12; i++) {
          assertEquals(extremes[i % 6], vector.get(i));
        }
      }
    });
  }
}
