package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.Owned;
import io.caisson.alloc.View;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.util.Comparator;
import java.util.ConcurrentModificationException;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * Keeps records side by side in native memory, in the order they were added.
 *
 * <p>A {@link RecordCodec} says how. What returns a record makes a new one; a {@link Cursor} reads
 * and writes fields where they are, and makes nothing.
 *
 * <pre>{@code
 * LongField<Quote> size = codec.longField("size");
 * for (Vector<Quote>.Cursor at = quotes.cursor(); at.next(); ) {
 *   size.set(at, size.get(at) + 1);
 * }
 * }</pre>
 *
 * <p>Owns one block of its allocator, none while it has no capacity, and frees it on close. When
 * the allocator is exhausted an operation throws {@link AllocationException} and has changed
 * nothing. The capacity grows by half. Operations are O(1) unless they say otherwise.
 *
 * <p>Belongs to one thread at a time. After {@link #close()} every other method throws {@link
 * IllegalStateException}.
 *
 * @param <R> the record class
 */
public final class Vector<R extends Record> implements Iterable<R>, AutoCloseable {

  private final RecordCodec<R> codec;
  private final VectorCore core;
  private final long stride;

  /**
   * Creates an empty vector, which allocates nothing before its first element.
   *
   * @param allocator where its memory comes from; it must outlive the vector
   * @param codec how records lie in memory
   */
  public Vector(@Borrowed Allocator allocator, RecordCodec<R> codec) {
    this.codec = codec;
    this.stride = codec.byteSize();
    this.core = new VectorCore(allocator, stride, codec.byteAlignment());
  }

  /**
   * Appends a record. Amortized O(1).
   *
   * @param record the record
   * @return its index
   * @throws IllegalArgumentException if a component does not fit, see {@link RecordCodec#encode};
   *     nothing has changed
   * @throws AllocationException if the allocator is exhausted; nothing has changed
   * @throws IllegalStateException if the vector is closed
   */
  public long add(R record) {
    long index = core.size();
    codec.write(record, core.room(1));
    core.commit(1);
    return index;
  }

  /**
   * Inserts a record; those at and after its index move on by one. O(bytes after the index).
   *
   * @param index its index, at least 0 and at most the size
   * @param record the record
   * @throws IndexOutOfBoundsException if there is no such place
   * @throws IllegalArgumentException if a component does not fit, see {@link RecordCodec#encode};
   *     nothing has changed
   * @throws AllocationException if the allocator is exhausted; nothing has changed
   * @throws IllegalStateException if the vector is closed
   */
  public void insert(long index, R record) {
    long place = core.insert(index);
    try {
      codec.write(record, place);
    } catch (RuntimeException | Error e) {
      core.remove(index);
      throw e;
    }
  }

  /**
   * Returns a record.
   *
   * @param index its index
   * @return a new record
   * @throws IndexOutOfBoundsException if there is no such element
   * @throws IllegalStateException if the vector is closed
   */
  public R get(long index) {
    return codec.read(core.at(index));
  }

  /**
   * Replaces a record.
   *
   * @param index its index
   * @param record the record from now on
   * @throws IllegalArgumentException if a component does not fit, see {@link RecordCodec#encode};
   *     nothing has changed
   * @throws IndexOutOfBoundsException if there is no such element
   * @throws IllegalStateException if the vector is closed
   */
  public void set(long index, R record) {
    codec.write(record, core.at(index));
  }

  // ---- in place -------------------------------------------------------------------------------

  /**
   * Shows one record of a vector after the other, where they lie. It is before the first until it
   * moves. It stays at an index, so what is removed before it puts it at another record, and it is
   * useless once the vector is closed. Makes no object on the way.
   */
  @View
  public final class Cursor extends RecordView<R> {
    private long index = -1;

    private Cursor() {
      super(codec);
    }

    /**
     * Moves on to the next record.
     *
     * @return whether there is one; if not, the cursor stays where it is
     * @throws IllegalStateException if the vector is closed
     */
    public boolean next() {
      if (index + 1 >= core.size()) {
        return false;
      }
      index++;
      return true;
    }

    /**
     * Moves to a record.
     *
     * @param index its index
     * @throws IndexOutOfBoundsException if there is none; the cursor has not moved
     * @throws IllegalStateException if the vector is closed
     */
    public void moveTo(long index) {
      core.at(index);
      this.index = index;
    }

    /**
     * Returns where the cursor is.
     *
     * @return the index; -1 before the first record
     */
    public long index() {
      return index;
    }

    @Override
    long address() {
      return core.at(index);
    }

    @Override
    long addressToWrite() {
      return core.at(index);
    }
  }

  /**
   * Returns a cursor before the first record.
   *
   * @return the cursor, valid until the vector is closed
   * @throws IllegalStateException if the vector is closed
   */
  @View
  public Cursor cursor() {
    core.requireOpen();
    return new Cursor();
  }

  /**
   * Sorts the records by a field; equal ones end up in any order. O(size log size). Makes no object
   * for a record.
   *
   * @param field the field
   * @throws IllegalStateException if the vector is closed
   */
  public void sort(RecordField<R> field) {
    if (field.type() != codec.type()) { // only a raw type gets here
      throw new IllegalArgumentException(
          "a field of a " + field.type().getName() + "; expected one of a " + codec.type());
    }
    sortIndices((a, b) -> field.compare(core.at(a), core.at(b)));
  }

  /**
   * Sorts the records; equal ones end up in any order. O(size log size), and makes the two records
   * that it compares.
   *
   * @param comparator what compares them; it must not change the vector
   * @throws ConcurrentModificationException if it adds or removes elements, changes the capacity or
   *     closes the vector; the elements are all there, in any order
   * @throws IllegalStateException if the vector is closed
   */
  public void sort(Comparator<? super R> comparator) {
    sortIndices((a, b) -> comparator.compare(get(a), get(b)));
  }

  private void sortIndices(StructVector.IndexComparator comparator) {
    new RecordSort(core, stride, comparator).sort();
  }

  // ---- as java.util ---------------------------------------------------------------------------

  /**
   * Returns what passes every record on, in order, and removes none.
   *
   * @return the iterator, valid until elements are added or removed, the capacity changes or the
   *     vector is closed; it then throws {@link ConcurrentModificationException}
   * @throws IllegalStateException if the vector is closed
   */
  @Override
  public Iterator<R> iterator() {
    core.requireOpen();
    long version = core.version();
    return new Iterator<>() {
      private long next;

      @Override
      public boolean hasNext() {
        core.requireVersion(version);
        return next < core.size();
      }

      @Override
      public R next() {
        if (!hasNext()) {
          throw new NoSuchElementException("after the last record; ask hasNext() first");
        }
        return get(next++);
      }
    };
  }

  /**
   * Shows the vector as a list, which copies the records it returns. It can be changed as the
   * vector can, and each shows what the other does.
   *
   * @return a live view, valid until the vector is closed; its size ends at {@link
   *     Integer#MAX_VALUE}, and its iterators fail fast
   * @throws IllegalStateException if the vector is closed
   */
  @View
  public List<R> asList() {
    return new VectorList<>(
        core,
        new VectorList.Elements<R>() {
          @Override
          public R get(long index) {
            return Vector.this.get(index);
          }

          @Override
          public void set(long index, R element) {
            Vector.this.set(index, element);
          }

          @Override
          public void insert(long index, R element) {
            Vector.this.insert(index, element);
          }
        });
  }

  // ---- the whole vector -------------------------------------------------------------------------

  /**
   * Removes a record; those after it move up by one. O(bytes after the index).
   *
   * @param index its index, at least 0 and less than the size
   * @throws IndexOutOfBoundsException if there is no such element
   * @throws IllegalStateException if the vector is closed
   */
  public void remove(long index) {
    core.remove(index);
  }

  /**
   * Removes a record; the last one takes its place. O(stride).
   *
   * @param index its index, at least 0 and less than the size
   * @throws IndexOutOfBoundsException if there is no such element
   * @throws IllegalStateException if the vector is closed
   */
  public void swapRemove(long index) {
    core.swapRemove(index);
  }

  /**
   * Removes the last record.
   *
   * @throws IndexOutOfBoundsException if the vector is empty
   * @throws IllegalStateException if the vector is closed
   */
  public void removeLast() {
    core.removeLast();
  }

  /**
   * Removes all records and keeps the capacity.
   *
   * @throws IllegalStateException if the vector is closed
   */
  public void clear() {
    core.clear();
  }

  /**
   * Makes sure that the vector can hold a number of records without allocating. O(size) if the
   * block moves.
   *
   * @param minCapacity the number of records in all, not negative
   * @throws IllegalArgumentException if the number is negative or its size in bytes overflows
   * @throws AllocationException if the allocator is exhausted; nothing has changed
   * @throws IllegalStateException if the vector is closed
   */
  public void reserve(long minCapacity) {
    core.reserve(minCapacity);
  }

  /**
   * Gives back the memory that no record uses; all of it if there is none. O(size) if the block
   * moves.
   *
   * @throws AllocationException if the block can shrink only by moving and the allocator is
   *     exhausted; nothing has changed
   * @throws IllegalStateException if the vector is closed
   */
  public void trimToSize() {
    core.trimToSize();
  }

  /**
   * Returns the number of records.
   *
   * @return the number, not negative
   * @throws IllegalStateException if the vector is closed
   */
  public long size() {
    return core.size();
  }

  /**
   * Returns the number of records that the memory now allocated can hold.
   *
   * @return the number, at least the size
   * @throws IllegalStateException if the vector is closed
   */
  public long capacity() {
    return core.capacity();
  }

  /**
   * Says whether there is no record.
   *
   * @return whether the size is 0
   * @throws IllegalStateException if the vector is closed
   */
  public boolean isEmpty() {
    return core.size() == 0;
  }

  /**
   * Shows the encoded records without copying them.
   *
   * @return a borrowed view, valid until elements are added or removed, the capacity changes or the
   *     vector is closed
   * @throws IllegalStateException if the vector is closed
   */
  @View
  public Slice asSlice() {
    return core.asSlice();
  }

  /**
   * Writes all records to a file, from the position of a channel on, with checksums. O(size).
   *
   * @param channel the channel; its position is after what was written when this returns
   * @throws UncheckedIOException if the channel throws
   * @throws IllegalStateException if the vector is closed
   */
  public void save(FileChannel channel) {
    Slice records = core.asSlice();
    StoreWriter writer =
        new StoreWriter(
            channel,
            StoredKind.RECORD_VECTOR,
            stride,
            records.size(),
            Long.BYTES + records.byteSize());
    writer.putLong(codec.shapeChecksum());
    writer.put(records.address(), records.byteSize());
    writer.finish();
  }

  /**
   * Reads all records from a file that {@link #save} wrote. O(size).
   *
   * @param <R> the record class
   * @param allocator where the memory of the vector comes from; it must outlive it
   * @param codec that of the vector that was saved, or one of a record class with components of the
   *     same names and types
   * @param channel the channel; its position is after what was read when this returns
   * @return a vector, owned by the caller
   * @throws CorruptFileException if the file is cut off, was altered, or holds something else
   * @throws UncheckedIOException if the channel throws
   * @throws AllocationException if the allocator is exhausted
   */
  @Owned
  public static <R extends Record> Vector<R> load(
      @Borrowed Allocator allocator, RecordCodec<R> codec, FileChannel channel) {
    Vector<R> loaded = new Vector<>(allocator, codec);
    try {
      StoreReader reader = new StoreReader(channel, StoredKind.RECORD_VECTOR, loaded.stride);
      reader.requireShape(codec);
      reader.readElements(loaded.core, loaded.stride);
      return loaded;
    } catch (RuntimeException | Error e) {
      loaded.close();
      throw e;
    }
  }

  /** Frees the memory. Closing again does nothing. */
  @Override
  public void close() {
    core.close();
  }

  void checkInvariants() {
    core.checkInvariants();
  }
}
