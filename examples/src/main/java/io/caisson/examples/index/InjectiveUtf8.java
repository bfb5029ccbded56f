package io.caisson.examples.index;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;

/**
 * Decodes UTF-8 so that different bytes give different strings, whether they are valid or not.
 *
 * <p>As in PEP 383, a byte {@code b} that is part of no valid sequence becomes the lone surrogate
 * {@code U+DC00 + b}. No valid sequence decodes to a surrogate, so the bytes can be told from the
 * string.
 */
final class InjectiveUtf8 {

  private static final int ESCAPE = 0xDC00;

  private InjectiveUtf8() {}

  /** Returns the string for a range of bytes. */
  static String decode(byte[] bytes, int offset, int byteSize) {
    CharsetDecoder decoder = UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(bytes, offset, byteSize);
    CharBuffer out = CharBuffer.allocate(byteSize);
    while (in.hasRemaining()) {
      CoderResult result = decoder.decode(in, out, true);
      if (result.isError()) {
        for (int i = result.length(); i > 0; i--) {
          out.put((char) (ESCAPE + (in.get() & 0xFF)));
        }
      }
    }
    return out.flip().toString();
  }
}
