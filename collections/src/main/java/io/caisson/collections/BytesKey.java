package io.caisson.collections;

import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * A key made of bytes that nodes are compared with, byte by byte as unsigned numbers; a key comes
 * before those that it begins.
 */
final class BytesKey {

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  /** The first eight bytes, filled up with zeros, such that words are in the order of keys. */
  final long word;

  private final @Nullable MemorySegment bytes;
  private final long offset;
  final long byteSize;

  private BytesKey(long word, @Nullable MemorySegment bytes, long offset, long byteSize) {
    this.word = word;
    this.bytes = bytes;
    this.offset = offset;
    this.byteSize = byteSize;
  }

  /** Makes a key that is before every other, and the empty one. */
  static BytesKey start() {
    return new BytesKey(Long.MIN_VALUE, MemorySegment.NULL, 0, 0);
  }

  /** Makes a key behind every other. */
  static BytesKey end() {
    return new BytesKey(Long.MAX_VALUE, null, 0, 0);
  }

  /** Makes a key of a part of a segment, which is within it. */
  static BytesKey of(MemorySegment bytes, long offset, long byteSize) {
    return new BytesKey(word(bytes, offset, byteSize), bytes, offset, byteSize);
  }

  /** Makes a key of a node's, valid under the guard that the node was read under. */
  static BytesKey ofNode(long node) {
    long byteSize = SkipNode.keyByteSize(node);
    MemorySegment bytes = Memory.segment(SkipNode.keyBytes(node), byteSize);
    return new BytesKey(SkipNode.word(node), bytes, 0, byteSize);
  }

  /** Makes a key of a copy of a node's, valid for ever. */
  static BytesKey copyOf(long node) {
    byte[] copy = ofNode(node).toArray();
    return of(MemorySegment.ofArray(copy), 0, copy.length);
  }

  private byte[] toArray() {
    return bytes == null ? new byte[0] : bytes.toArray(ValueLayout.JAVA_BYTE);
  }

  private static long word(MemorySegment bytes, long offset, long byteSize) {
    long word = 0;
    if (byteSize >= Long.BYTES) {
      word = bytes.get(LONG, offset);
    } else {
      for (long i = 0; i < Long.BYTES; i++) {
        word = word << Byte.SIZE | (i < byteSize ? byteAt(bytes, offset + i) : 0);
      }
    }
    return word ^ Long.MIN_VALUE; // signed as unsigned
  }

  private static long byteAt(MemorySegment bytes, long offset) {
    return bytes.get(ValueLayout.JAVA_BYTE, offset) & 0xffL;
  }

  /** Compares a node with this, whose words are equal: below 0 if the node comes before. */
  int compare(long node) {
    MemorySegment mine = bytes;
    if (mine == null) {
      return -1;
    }
    long nodeByteSize = SkipNode.keyByteSize(node);
    long theirs = SkipNode.keyBytes(node);
    long common = Math.min(nodeByteSize, byteSize);
    long i = Math.min(common, Long.BYTES);
    for (; i <= common - Long.BYTES; i += Long.BYTES) {
      int order =
          Long.compareUnsigned(
              Long.reverseBytes(Memory.getLongLittleEndian(theirs + i)),
              mine.get(LONG, offset + i));
      if (order != 0) {
        return order;
      }
    }
    for (; i < common; i++) {
      int order = Long.compare(Memory.getByte(theirs + i) & 0xffL, byteAt(mine, offset + i));
      if (order != 0) {
        return order;
      }
    }
    return Long.compare(nodeByteSize, byteSize);
  }

  /** Copies the key to a node, which is as large as it must be. */
  void copyTo(long node) {
    if (bytes != null) {
      Memory.copyFrom(bytes, offset, SkipNode.keyBytes(node), byteSize);
    }
  }
}
