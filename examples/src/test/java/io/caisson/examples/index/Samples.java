package io.caisson.examples.index;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Input for the tests. */
final class Samples {

  private static final byte[] WHITE_SPACE = {' ', '\t', '\n', 0x0B, '\f', '\r'};

  private Samples() {}

  /** Returns the class file of a class of the JDK. */
  static byte[] classFile(Class<?> type) {
    String name = type.getName().substring(type.getPackageName().length() + 1) + ".class";
    try (InputStream in = type.getResourceAsStream(name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns random bytes, one in so many of them white space. */
  static byte[] bytes(Random random, int byteSize, int oneIn) {
    byte[] bytes = new byte[byteSize];
    random.nextBytes(bytes);
    for (int i = 0; i < byteSize; i++) {
      if (random.nextInt(oneIn) == 0) {
        bytes[i] = WHITE_SPACE[random.nextInt(WHITE_SPACE.length)];
      }
    }
    return bytes;
  }

  /** Splits bytes at white space, by other means than the code under test. */
  static List<byte[]> tokens(byte[] bytes) {
    List<byte[]> tokens = new ArrayList<>();
    for (String token : new String(bytes, ISO_8859_1).split("[ \\t\\n\\x0B\\f\\r]+", -1)) {
      if (!token.isEmpty()) {
        tokens.add(token.getBytes(ISO_8859_1));
      }
    }
    return tokens;
  }
}
