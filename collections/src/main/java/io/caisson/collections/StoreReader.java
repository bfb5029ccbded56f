package io.caisson.collections;

import io.caisson.alloc.internal.Memory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.zip.CRC32C;

/**
 * Reads one collection from a file, as {@link StoreLayout} has it, from the channel's position on.
 *
 * <p>Trusts nothing: a header has a checksum of its own and its sizes must fit the file before
 * anything is allocated for them; what was read counts only when {@link #finish()} has returned.
 */
final class StoreReader {

  private static final int BUFFER_BYTE_SIZE = 1 << 16;

  private final FileChannel channel;
  private final ByteBuffer buffer =
      ByteBuffer.allocate(BUFFER_BYTE_SIZE).order(ByteOrder.LITTLE_ENDIAN);
  private final CRC32C checksum = new CRC32C();

  /** How many elements or entries there are. */
  final long count;

  /** How many bytes of the payload were not read from the channel yet. */
  private long unread;

  /** Reads the header, and refuses one of something else. */
  StoreReader(FileChannel channel, StoredKind kind, long stride) {
    this.channel = channel;
    fill(StoreLayout.SIZE);
    StoreLayout.requireOurs(buffer);
    checksum.update(buffer.array(), 0, StoreLayout.CHECKSUM);
    requireChecksum(buffer.getInt(StoreLayout.CHECKSUM), "header");
    StoreLayout.requireKind(buffer, kind, stride);
    count = StoreLayout.count(buffer);
    unread = StoreLayout.payloadByteSize(buffer);
    requireInFile(unread);
    checksum.reset();
    buffer.limit(0);
  }

  private void requireInFile(long payloadByteSize) {
    try {
      long rest = channel.size() - channel.position() - Integer.BYTES;
      if (payloadByteSize < 0 || payloadByteSize > rest) {
        throw new CorruptFileException(
            "file cut off with a payload of "
                + rest
                + " bytes and a checksum; expected "
                + payloadByteSize);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Fills an empty core with the elements of a vector. */
  static void load(VectorCore core, long stride, StoredKind kind, FileChannel channel) {
    new StoreReader(channel, kind, stride).readElements(core, stride);
  }

  /** Fills an empty core with the elements of a vector, which are all that is left. */
  void readElements(VectorCore core, long stride) {
    long left = unread + buffer.remaining();
    if (count < 0 || Math.multiplyHigh(count, stride) != 0 || count * stride != left) {
      throw new CorruptFileException(
          count + " elements in " + left + " bytes; expected " + stride + " each");
    }
    core.reserve(count);
    read(core.room(count), left);
    finish();
    core.commit(count);
  }

  /** Refuses records of another shape than a codec's. */
  void requireShape(RecordCodec<?> codec) {
    long found = readLong();
    if (found != codec.shapeChecksum()) {
      throw new CorruptFileException(
          "records with other components; expected those of " + codec.type().getName());
    }
  }

  long readLong() {
    require(Long.BYTES);
    return buffer.getLong();
  }

  int readInt() {
    require(Integer.BYTES);
    return buffer.getInt();
  }

  /** Reads a size, which is not larger than what is left. */
  long readByteSize() {
    long byteSize = readLong();
    if (byteSize < 0 || byteSize > unread + buffer.remaining()) {
      throw beyondTheEnd(byteSize);
    }
    return byteSize;
  }

  /** Reads bytes into native memory. */
  void read(long address, long byteSize) {
    for (long done = 0; done < byteSize; ) {
      require(1);
      int chunk = (int) Math.min(byteSize - done, buffer.remaining());
      MemorySegment bytes = MemorySegment.ofBuffer(buffer);
      Memory.copyFrom(bytes, 0, address + done, chunk);
      buffer.position(buffer.position() + chunk);
      done += chunk;
    }
  }

  /** Makes sure that so much of the payload is in the buffer. */
  private void require(int byteSize) {
    if (byteSize > buffer.remaining()) {
      if (byteSize > unread + buffer.remaining()) {
        throw beyondTheEnd(byteSize);
      }
      buffer.compact();
      int kept = buffer.position();
      int chunk = (int) Math.min(unread, buffer.remaining());
      fill(kept + chunk);
      checksum.update(buffer.array(), kept, chunk);
      unread -= chunk;
    }
  }

  private CorruptFileException beyondTheEnd(long byteSize) {
    return new CorruptFileException(
        byteSize + " bytes beyond the end of the payload; expected them within it");
  }

  /** Reads from the channel until the buffer holds a number of bytes, and makes them readable. */
  private void fill(int byteSize) {
    try {
      buffer.limit(byteSize);
      while (buffer.hasRemaining()) {
        if (channel.read(buffer) < 0) {
          throw new CorruptFileException(
              "file cut off, with " + buffer.remaining() + " bytes more expected");
        }
      }
      buffer.flip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Checks that all of the payload was read, and that it is what was written. */
  void finish() {
    long left = unread + buffer.remaining();
    if (left != 0) {
      throw new CorruptFileException(left + " bytes left in the payload; expected none");
    }
    buffer.clear();
    fill(Integer.BYTES);
    requireChecksum(buffer.getInt(0), "payload");
  }

  /** Checks that as many entries came out as went in: none twice. */
  void requireCount(long entries) {
    if (entries != count) {
      throw new CorruptFileException(entries + " different entries; expected " + count);
    }
  }

  private void requireChecksum(int stored, String what) {
    if (stored != (int) checksum.getValue()) {
      throw new CorruptFileException("the " + what + " was altered; expected its checksum to hold");
    }
  }
}
