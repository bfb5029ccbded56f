package io.caisson.examples.index;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;

/** The bytes of a file that are in memory at a time; grows and never shrinks. Not thread-safe. */
final class InputBuffer implements AutoCloseable {

  private static final long LARGEST_READ = 1 << 30;

  private final InputMemory memory;
  private MemorySegment segment;

  InputBuffer(InputMemory memory, long byteSize) {
    this.memory = memory;
    this.segment = memory.allocate(byteSize);
  }

  /** Returns the memory; another after {@link #reserve}. */
  MemorySegment segment() {
    return segment;
  }

  long byteSize() {
    return segment.byteSize();
  }

  /**
   * Makes room for at least so many bytes.
   *
   * @param used the bytes to keep, from the start
   */
  void reserve(long byteSize, long used) {
    if (byteSize > segment.byteSize()) {
      MemorySegment larger = memory.allocate(Math.max(byteSize, 2 * segment.byteSize()));
      MemorySegment.copy(segment, 0, larger, 0, used);
      memory.free(segment);
      segment = larger;
    }
  }

  /** Moves a range of bytes to the start. */
  void moveToFront(long offset, long byteSize) {
    if (offset != 0) {
      MemorySegment.copy(segment, offset, segment, 0, byteSize);
    }
  }

  /** Replaces the content, from the start. */
  void put(byte[] bytes) {
    reserve(bytes.length, 0);
    MemorySegment.copy(MemorySegment.ofArray(bytes), 0, segment, 0, bytes.length);
  }

  /**
   * Reads from a channel until the buffer is full or the channel ends.
   *
   * @param used the bytes to keep, from the start
   * @return the bytes that are there afterwards; fewer than fit only at the end of the channel
   */
  long fill(FileChannel channel, long used) throws IOException {
    long at = used;
    while (at < segment.byteSize()) {
      long room = Math.min(LARGEST_READ, segment.byteSize() - at);
      int read = channel.read(segment.asSlice(at, room).asByteBuffer());
      if (read < 0) {
        break;
      }
      at += read;
    }
    return at;
  }

  @Override
  public void close() {
    memory.free(segment);
  }
}
