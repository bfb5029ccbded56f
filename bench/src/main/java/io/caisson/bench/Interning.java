package io.caisson.bench;

import com.google.common.collect.Interner;
import com.google.common.collect.Interners;
import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocators;
import io.caisson.collections.ConcurrentInternTable;
import io.caisson.collections.InternTable;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ConcurrentHashMap;

/** A way to have one copy of equal byte strings that are found in a buffer. */
interface Interning extends AutoCloseable {

  /** Takes the one copy of a token, and returns something of it: its handle, or its length. */
  long intern(Tokens tokens, int token);

  @Override
  default void close() {}

  /** Returns how many bytes it holds off the heap. */
  default long bytesOffHeap() {
    return 0;
  }

  static Interning of(String implementation) {
    return switch (implementation) {
      case "caisson" -> new Caisson();
      case "ConcurrentHashMap" -> new Jdk();
      case "String.intern" -> new Strings();
      case "guava" -> new Guava();
      default -> throw new IllegalArgumentException("no interning is called " + implementation);
    };
  }

  /** The same, for many threads. */
  static Interning ofThreads(String implementation) {
    return implementation.equals("caisson") ? new Concurrent() : of(implementation);
  }

  /** Makes the string that a peer must have before it can ask. */
  private static String string(Tokens tokens, int token) {
    byte[] bytes = new byte[(int) tokens.byteSize(token)];
    MemorySegment.copy(
        tokens.segment(), ValueLayout.JAVA_BYTE, tokens.offset(token), bytes, 0, bytes.length);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** Ours. */
  final class Caisson implements Interning {
    private final AccountedAllocator allocator = Allocators.system();
    private final InternTable table = new InternTable(allocator, "tokens");

    @Override
    public long intern(Tokens tokens, int token) {
      return table.acquire(tokens.segment(), tokens.offset(token), tokens.byteSize(token));
    }

    @Override
    public long bytesOffHeap() {
      return allocator.stats().liveBytes();
    }

    @Override
    public void close() {
      table.close();
      allocator.close();
    }
  }

  /** Ours for many threads. */
  final class Concurrent implements Interning {
    private final AccountedAllocator allocator = Allocators.system();
    private final ConcurrentInternTable table = new ConcurrentInternTable(allocator, "tokens");

    @Override
    public long intern(Tokens tokens, int token) {
      return table.acquire(tokens.segment(), tokens.offset(token), tokens.byteSize(token));
    }

    @Override
    public long bytesOffHeap() {
      return allocator.stats().liveBytes();
    }

    @Override
    public void close() {
      table.close();
      allocator.close();
    }
  }

  /** The JDK's concurrent map, from a string to itself. */
  final class Jdk implements Interning {
    private final ConcurrentHashMap<String, String> map = new ConcurrentHashMap<>();

    @Override
    public long intern(Tokens tokens, int token) {
      String string = string(tokens, token);
      String first = map.putIfAbsent(string, string);
      return (first == null ? string : first).length();
    }
  }

  /** The JVM's own table. */
  final class Strings implements Interning {
    @Override
    public long intern(Tokens tokens, int token) {
      return string(tokens, token).intern().length();
    }
  }

  /** Guava's. */
  final class Guava implements Interning {
    private final Interner<String> interner = Interners.newStrongInterner();

    @Override
    public long intern(Tokens tokens, int token) {
      return interner.intern(string(tokens, token)).length();
    }
  }
}
