package io.caisson.examples.fuzz;

/** Takes numbers and bytes from the bytes of an input, and zeros after its end. */
final class Input {

  private final byte[] bytes;
  private int next;

  Input(byte[] bytes) {
    this.bytes = bytes;
  }

  boolean isAtEnd() {
    return next >= bytes.length;
  }

  int nextByte() {
    return isAtEnd() ? 0 : bytes[next++] & 0xff;
  }

  /** Returns up to so many bytes. */
  byte[] nextBytes(int length) {
    byte[] taken = new byte[Math.min(length, Math.max(0, bytes.length - next))];
    System.arraycopy(bytes, next, taken, 0, taken.length);
    next += taken.length;
    return taken;
  }
}
