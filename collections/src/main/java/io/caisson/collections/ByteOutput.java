package io.caisson.collections;

import io.caisson.alloc.internal.Memory;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Writes ranges of native memory out, all of each, chunk by chunk. */
final class ByteOutput {

  private static final int CHUNK_BYTE_SIZE = 8192;
  private static final long MAX_BUFFER_BYTE_SIZE = Integer.MAX_VALUE;
  private static final int CHUNK_CHARS = 1024;

  private ByteOutput() {}

  /** Shows a range as a read-only buffer. */
  static ByteBuffer buffer(long address, long byteSize) {
    if (byteSize > MAX_BUFFER_BYTE_SIZE) {
      throw new IllegalStateException(
          byteSize + " bytes; expected at most " + MAX_BUFFER_BYTE_SIZE + " to make a buffer");
    }
    return Memory.segment(address, byteSize).asReadOnly().asByteBuffer();
  }

  /** Writes a range to a channel, from where it is. */
  static void write(long address, long byteSize, WritableByteChannel channel) {
    try {
      for (long done = 0; done < byteSize; ) {
        long chunk = Math.min(byteSize - done, MAX_BUFFER_BYTE_SIZE);
        ByteBuffer buffer = buffer(address + done, chunk);
        while (buffer.hasRemaining()) {
          if (channel.write(buffer) == 0) {
            Thread.onSpinWait(); // a channel that does not block is full
          }
        }
        done += chunk;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes a range to a stream, which takes bytes from the heap only. */
  static void write(long address, long byteSize, OutputStream stream) {
    byte[] chunk = new byte[(int) Math.min(byteSize, CHUNK_BYTE_SIZE)];
    MemorySegment segment = MemorySegment.ofArray(chunk);
    try {
      for (long done = 0; done < byteSize; ) {
        int count = (int) Math.min(byteSize - done, chunk.length);
        Memory.copyTo(address + done, segment, 0, count);
        stream.write(chunk, 0, count);
        done += count;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Decodes UTF-8 to characters; malformed bytes become U+FFFD. */
  static void decode(long address, long byteSize, Appendable appendable) {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    CharBuffer chars = CharBuffer.allocate(CHUNK_CHARS);
    try {
      for (long done = 0; done < byteSize; ) {
        long chunk = Math.min(byteSize - done, MAX_BUFFER_BYTE_SIZE);
        ByteBuffer bytes = buffer(address + done, chunk);
        while (decoder.decode(bytes, chars, done + chunk == byteSize).isOverflow()) {
          drain(chars, appendable);
        }
        done += bytes.position();
      }
      decoder.flush(chars);
      drain(chars, appendable);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void drain(CharBuffer chars, Appendable appendable) throws IOException {
    appendable.append(chars.flip());
    chars.clear();
  }
}
