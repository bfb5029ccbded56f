package io.caisson.collections;

import io.caisson.alloc.Allocator;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.PrimitiveIterator;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;

/** Runs the contract of vectors on {@link IntVector}. */
class IntVectorTest implements VectorContract {

  private record Face(IntVector vector) implements Vector {
    @Override
    public void add(long value) {
      vector.add((int) value);
    }

    @Override
    public void addAll(long... values) {
      vector.addAll(Arrays.stream(values).mapToInt(value -> (int) value).toArray());
    }

    @Override
    public long get(long index) {
      return vector.get(index);
    }

    @Override
    public void set(long index, long value) {
      vector.set(index, (int) value);
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
      vector.insert(index, (int) value);
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
      return vector.binarySearch((int) value);
    }

    @Override
    public LongStream stream() {
      return vector.stream().asLongStream();
    }

    @Override
    public PrimitiveIterator.OfInt iterator() {
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
      return Arrays.stream(vector.toArray()).asLongStream().toArray();
    }

    @Override
    public void forEach(LongConsumer action) {
      vector.forEach(action::accept);
    }

    @Override
    public Slice asSlice() {
      return vector.asSlice();
    }

    @Override
    public long read(Slice slice, long index) {
      return slice.getInt(index);
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
    return new Face(new IntVector(allocator));
  }

  @Override
  public Vector create(Allocator allocator, long initialCapacity) {
    return new Face(new IntVector(allocator, initialCapacity));
  }

  @Override
  public long elementByteSize() {
    return Integer.BYTES;
  }
}
