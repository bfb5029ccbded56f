package io.caisson.collections;

import io.caisson.alloc.internal.Memory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.zip.CRC32C;

/**
 * Writes one collection to a file, as {@link StoreLayout} has it, from the channel's position on.
 */
final class StoreWriter {

  private static final int BUFFER_BYTE_SIZE = 1 << 16;
  private static final long MAX_CHUNK_BYTE_SIZE = 1 << 20; // what the JDK copies at once is bounded

  private final FileChannel channel;
  private final ByteBuffer buffer =
      ByteBuffer.allocate(BUFFER_BYTE_SIZE).order(ByteOrder.LITTLE_ENDIAN);
  private final CRC32C checksum = new CRC32C();

  /** Writes the header. */
  StoreWriter(FileChannel channel, StoredKind kind, long stride, long count, long payloadByteSize) {
    this.channel = channel;
    StoreLayout.fill(buffer, kind, stride, count, payloadByteSize);
    buffer.position(StoreLayout.CHECKSUM);
    putChecksum();
    flush();
    checksum.reset();
  }

  /** Writes the elements of a vector. */
  static void save(VectorCore core, long stride, StoredKind kind, FileChannel channel) {
    Slice elements = core.asSlice();
    StoreWriter writer =
        new StoreWriter(channel, kind, stride, elements.size(), elements.byteSize());
    writer.put(elements.address(), elements.byteSize());
    writer.finish();
  }

  void putLong(long value) {
    room(Long.BYTES);
    buffer.putLong(value);
  }

  void putInt(int value) {
    room(Integer.BYTES);
    buffer.putInt(value);
  }

  private void room(int byteSize) {
    if (byteSize > buffer.remaining()) {
      flush();
    }
  }

  void put(long address, long byteSize) {
    if (byteSize <= buffer.remaining()) {
      buffer.put(Memory.segment(address, byteSize).asByteBuffer());
      return;
    }
    flush();
    for (long done = 0; done < byteSize; ) {
      long chunk = Math.min(byteSize - done, MAX_CHUNK_BYTE_SIZE);
      write(Memory.segment(address + done, chunk).asByteBuffer());
      done += chunk;
    }
  }

  private void flush() {
    write(buffer.flip());
    buffer.clear();
  }

  private void write(ByteBuffer bytes) {
    checksum.update(bytes.duplicate());
    writeFully(bytes);
  }

  private void writeFully(ByteBuffer bytes) {
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Adds the checksum of what is in the buffer, a header. */
  private void putChecksum() {
    checksum.update(buffer.array(), 0, buffer.position());
    buffer.putInt((int) checksum.getValue());
  }

  /** Writes the checksum of the payload, and nothing may follow. */
  void finish() {
    flush();
    buffer.putInt((int) checksum.getValue());
    writeFully(buffer.flip());
  }
}
