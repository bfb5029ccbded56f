package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.Allocator;
import io.caisson.testkit.LeakCheck;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.PrimitiveIterator;
import java.util.Random;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Runs the contract of vectors on {@link DoubleVector}. */
class DoubleVectorTest implements VectorContract {

  private record Face(DoubleVector vector) implements Vector {
    @Override
    public void add(long value) {
      vector.add((double) value);
    }

    @Override
    public void addAll(long... values) {
      vector.addAll(Arrays.stream(values).asDoubleStream().toArray());
    }

    @Override
    public long get(long index) {
      return (long) vector.get(index);
    }

    @Override
    public void set(long index, long value) {
      vector.set(index, (double) value);
    }

    @Override
    public long removeLast() {
      return (long) vector.removeLast();
    }

    @Override
    public void addAll(MemorySegment values) {
      vector.addAll(values);
    }

    @Override
    public void insert(long index, long value) {
      vector.insert(index, (double) value);
    }

    @Override
    public long remove(long index) {
      return (long) vector.remove(index);
    }

    @Override
    public long swapRemove(long index) {
      return (long) vector.swapRemove(index);
    }

    @Override
    public void sort() {
      vector.sort();
    }

    @Override
    public long binarySearch(long value) {
      return vector.binarySearch((double) value);
    }

    @Override
    public LongStream stream() {
      return vector.stream().mapToLong(value -> (long) value);
    }

    @Override
    public PrimitiveIterator.OfDouble iterator() {
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
      return Arrays.stream(vector.toArray()).mapToLong(value -> (long) value).toArray();
    }

    @Override
    public void forEach(LongConsumer action) {
      vector.forEach(value -> action.accept((long) value));
    }

    @Override
    public Slice asSlice() {
      return vector.asSlice();
    }

    @Override
    public long read(Slice slice, long index) {
      return (long) slice.getDouble(index);
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
    return new Face(new DoubleVector(allocator));
  }

  @Override
  public Vector create(Allocator allocator, long initialCapacity) {
    return new Face(new DoubleVector(allocator, initialCapacity));
  }

  @Override
  public long elementByteSize() {
    return Double.BYTES;
  }

  @Test
  void add_extremes_keepsEveryBit() {
    double[] extremes = {-0.0, Double.MIN_VALUE, Double.MAX_VALUE, Double.NaN, -1.5, 1e-300};
    LeakCheck.run(allocator -> {
      try (DoubleVector vector = new DoubleVector(allocator)) {
        vector.addAll(extremes);
        for (double value : extremes) {
          vector.add(value);
        }
        for (int i = 0; i < 12; i++) {
          assertEquals(
              Double.doubleToRawLongBits(extremes[i % 6]),
              Double.doubleToRawLongBits(vector.get(i)));
        }
      }
    });
  }

  @Test
  void sort_everyKindOfDouble_ordersAsTheJdkDoes() {
    Random random = new Random(7);
    double[] values = new double[1000];
    double[] odd = {
      -0.0,
      0.0,
      Double.NaN,
      Double.longBitsToDouble(0xfff8_0000_0000_0001L),
      Double.NEGATIVE_INFINITY,
      Double.POSITIVE_INFINITY,
      Double.MIN_VALUE
    };
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 3 == 0 ? odd[random.nextInt(odd.length)] : random.nextGaussian();
    }
    LeakCheck.run(allocator -> {
      try (DoubleVector vector = new DoubleVector(allocator)) {
        vector.addAll(values);
        vector.sort();
        Arrays.sort(values);
        assertArrayEquals(values, vector.toArray());
        assertTrue(Double.isNaN(vector.get(vector.binarySearch(Double.NaN))));
      }
    });
  }
}
