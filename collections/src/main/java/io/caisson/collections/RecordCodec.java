package io.caisson.collections;

import io.caisson.alloc.Borrowed;
import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandles;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * Keeps records of one class in native memory, each in the same number of bytes.
 *
 * <p>A component is a primitive, another record of the kind, or a {@link String} or {@code byte[]}
 * with a {@link FixedLength}. None may be null. They lie in the order of their declaration, in
 * native byte order, aligned and padded as a C struct, as {@link #layout()} shows.
 *
 * <pre>{@code
 * record Quote(long instrument, double price, @FixedLength(8) String venue) {}
 *
 * RecordCodec<Quote> codec = RecordCodec.of(MethodHandles.lookup(), Quote.class);
 * }</pre>
 *
 * <p>Equal records have equal bytes: padding is zero, and every NaN is the canonical one. Negative
 * zero is another value than zero, as it is to the {@code equals} that a record has by itself; one
 * that the record declares is not asked. Arrays are equal if their bytes are.
 *
 * <p>Constructors and accessors of the record are called; they must not change the collection that
 * is at work. Immutable, and safe to share between threads. Making one generates a class, so it is
 * worth keeping; it is unloaded with the codec.
 *
 * @param <R> the record class
 */
public final class RecordCodec<R extends Record> {

  private final Class<R> type;
  private final RecordShape shape;
  private final RecordMapping mapping;
  private final long byteSize;

  private RecordCodec(Class<R> type, RecordShape shape) {
    this.type = type;
    this.shape = shape;
    this.mapping = MappingMaker.make(shape);
    this.byteSize = shape.layout().byteSize();
  }

  /**
   * Makes a codec.
   *
   * @param <R> the record class
   * @param lookup what can call the constructors and accessors of the record and of those in it: a
   *     {@link MethodHandles#lookup()} made in a class that can, such as the one that declares them
   * @param type the record class
   * @return the codec
   * @throws IllegalArgumentException if the lookup cannot, if a component is of another type than
   *     said above or its length is missing or less than 1, if a record contains itself or has no
   *     component, or if it is too large for one method to read or write it
   */
  public static <R extends Record> RecordCodec<R> of(MethodHandles.Lookup lookup, Class<R> type) {
    return new RecordCodec<>(type, RecordShape.of(lookup, type));
  }

  /**
   * Returns where the components lie, with their names and padding; it can be printed.
   *
   * @return the layout
   */
  public StructLayout layout() {
    return shape.layout();
  }

  /**
   * Returns the size of a record.
   *
   * @return the size in bytes, a multiple of the alignment
   */
  public long byteSize() {
    return byteSize;
  }

  /**
   * Returns the alignment that a record has in C; the codec needs none.
   *
   * @return the alignment in bytes, a power of two
   */
  public long byteAlignment() {
    return shape.layout().byteAlignment();
  }

  // ---- records ----------------------------------------------------------------------------------

  /**
   * Writes a record, its padding too; nothing if it throws.
   *
   * @param record the record
   * @param destination where it goes, a native segment of the size of a record
   * @throws IllegalArgumentException if a component does not fit the length it has here, a text is
   *     not well-formed UTF-16 or ends with U+0000, or the segment is on the heap or of another
   *     size
   * @throws IllegalStateException if the segment is closed
   */
  public void encode(R record, @Borrowed MemorySegment destination) {
    requireSize(destination);
    try {
      write(record, Memory.addressOf(destination));
    } finally {
      Reference.reachabilityFence(destination);
    }
  }

  /**
   * Reads a record.
   *
   * @param source where it is, a native segment of the size of a record
   * @return a new record
   * @throws IllegalArgumentException if the segment is on the heap or of another size
   * @throws IllegalStateException if the segment is closed
   */
  public R decode(@Borrowed MemorySegment source) {
    requireSize(source);
    try {
      return read(Memory.addressOf(source));
    } finally {
      Reference.reachabilityFence(source);
    }
  }

  private void requireSize(MemorySegment segment) {
    if (segment.byteSize() != byteSize) {
      throw new IllegalArgumentException(
          "a segment of " + segment.byteSize() + " bytes; expected " + byteSize);
    }
  }

  /** Writes a record to an address; nothing if it throws. */
  void write(R record, long address) {
    mapping.write(record, address);
  }

  /** Reads a record from an address. */
  @SuppressWarnings("unchecked") // the mapping calls the constructor of this very class
  R read(long address) {
    return (R) mapping.read(address);
  }

  // ---- fields -----------------------------------------------------------------------------------

  /**
   * Returns a handle of a component that is a {@code long}, {@code int}, {@code short}, {@code
   * char}, {@code byte}, or a {@code boolean} as 0 or 1.
   *
   * @param path its name; of one in a nested record, the names on the way, with dots between
   * @return the handle
   * @throws IllegalArgumentException if there is no such component, or it is of another type
   */
  public LongField<R> longField(String path) {
    return new LongField<>(type, shape.find(path));
  }

  /**
   * Returns a handle of a component that is a {@code double} or a {@code float}.
   *
   * @param path its name; of one in a nested record, the names on the way, with dots between
   * @return the handle
   * @throws IllegalArgumentException if there is no such component, or it is of another type
   */
  public DoubleField<R> doubleField(String path) {
    return new DoubleField<>(type, shape.find(path));
  }

  /**
   * Returns a handle of a component that is a {@link String}.
   *
   * @param path its name; of one in a nested record, the names on the way, with dots between
   * @return the handle
   * @throws IllegalArgumentException if there is no such component, or it is of another type
   */
  public TextField<R> textField(String path) {
    return new TextField<>(type, shape.find(path));
  }

  /**
   * Returns a handle of a component that is a {@code byte[]}.
   *
   * @param path its name; of one in a nested record, the names on the way, with dots between
   * @return the handle
   * @throws IllegalArgumentException if there is no such component, or it is of another type
   */
  public BytesField<R> bytesField(String path) {
    return new BytesField<>(type, shape.find(path));
  }

  Class<R> type() {
    return type;
  }

  /** Returns a number for the names, kinds and places of all components, to be kept in files. */
  long shapeChecksum() {
    CRC32C checksum = new CRC32C();
    checksum.update(shape.description().getBytes(StandardCharsets.UTF_8));
    return checksum.getValue();
  }

  @Override
  public String toString() {
    return "RecordCodec[" + type.getName() + ", " + byteSize + " bytes]";
  }
}
