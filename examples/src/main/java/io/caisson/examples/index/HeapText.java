package io.caisson.examples.index;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Makes strings of bytes on the heap, with the JDK's own decoder, which is fastest there. Not
 * thread-safe.
 */
final class HeapText {

  private static final char REPLACEMENT = '\uFFFD';

  private @Nullable MemorySegment source;
  private byte[] bytes = {};

  /**
   * Returns the string of a part of a segment on the heap, in the form of {@link InjectiveUtf8}.
   */
  @SuppressWarnings("MemorySegmentReferenceEquality") // a segment that is the same needs no look
  String of(MemorySegment source, int offset, int byteSize) {
    if (source != this.source) {
      this.source = source;
      bytes = (byte[]) source.heapBase().orElseThrow();
    }
    String text = new String(bytes, offset, byteSize, UTF_8);
    // A string without other than Latin-1 characters answers this without a look at them.
    return text.indexOf(REPLACEMENT) < 0 ? text : InjectiveUtf8.decode(bytes, offset, byteSize);
  }
}
