package io.caisson.bench;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocators;
import io.caisson.collections.ConcurrentBytesOrderedMap;
import io.caisson.collections.ConcurrentLongLongOrderedMap;
import io.caisson.smr.ReclamationDomain;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.openjdk.jmh.infra.Blackhole;

/** An ordered map that many threads use; keys and values stand for longs, not negative. */
interface OrderedMap extends AutoCloseable {

  /** Looks a key up, and reads its value if it is there. */
  void get(long key, Blackhole sink);

  void put(long key, long value);

  /** Replaces the value of a key that is there. */
  void update(long key, long value);

  void remove(long key);

  /** Reads all entries from one key to below another, upwards. */
  void scan(long from, long to, Blackhole sink);

  /** The same downwards. */
  void scanDown(long from, long to, Blackhole sink);

  @Override
  void close();

  static OrderedMap of(String impl) {
    return switch (impl) {
      case "caisson" -> new Longs();
      case "jdk" -> new BoxedLongs();
      case "caisson-bytes" -> new NativeBytes();
      case "jdk-bytes" -> new HeapBytes();
      default -> throw new IllegalArgumentException("no map is called " + impl);
    };
  }

  /** Ours, from long to long. */
  final class Longs implements OrderedMap {
    private final AccountedAllocator allocator = Allocators.heap();
    private final ReclamationDomain domain = new ReclamationDomain();
    private final ConcurrentLongLongOrderedMap map =
        new ConcurrentLongLongOrderedMap(allocator.raw(), domain);

    @Override
    public void get(long key, Blackhole sink) {
      sink.consume(map.get(key, -1));
    }

    @Override
    public void put(long key, long value) {
      map.put(key, value, -1);
    }

    @Override
    public void update(long key, long value) {
      map.replace(key, value, -1);
    }

    @Override
    public void remove(long key) {
      map.remove(key, -1);
    }

    @Override
    public void scan(long from, long to, Blackhole sink) {
      map.range(from, to - 1).forEach((key, value) -> sink.consume(value));
    }

    @Override
    public void scanDown(long from, long to, Blackhole sink) {
      map.range(from, to - 1).forEachDescending((key, value) -> sink.consume(value));
    }

    @Override
    public void close() {
      map.close();
      domain.close();
    }
  }

  /** The JDK's, of boxed longs. */
  final class BoxedLongs implements OrderedMap {
    private final ConcurrentSkipListMap<Long, Long> map = new ConcurrentSkipListMap<>();

    @Override
    public void get(long key, Blackhole sink) {
      sink.consume(map.get(key));
    }

    @Override
    public void put(long key, long value) {
      map.put(key, value);
    }

    @Override
    public void update(long key, long value) {
      map.replace(key, value);
    }

    @Override
    public void remove(long key) {
      map.remove(key);
    }

    private static void consume(ConcurrentNavigableMap<Long, Long> range, Blackhole sink) {
      for (Long value : range.values()) {
        sink.consume((long) value);
      }
    }

    @Override
    public void scan(long from, long to, Blackhole sink) {
      consume(map.subMap(from, to), sink);
    }

    @Override
    public void scanDown(long from, long to, Blackhole sink) {
      consume(map.subMap(from, to).descendingMap(), sink);
    }

    @Override
    public void close() {}
  }

  /** Keys of 16 bytes: a number in big-endian order behind eight bytes that are all alike. */
  static byte[] key(long number) {
    byte[] key = new byte[16];
    MemorySegment.ofArray(key)
        .set(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN), Long.BYTES, number);
    return key;
  }

  /** Ours, from bytes to bytes. */
  final class NativeBytes implements OrderedMap {
    private final AccountedAllocator allocator = Allocators.heap();
    private final ReclamationDomain domain = new ReclamationDomain();
    private final ConcurrentBytesOrderedMap map =
        new ConcurrentBytesOrderedMap(allocator.raw(), domain);

    @Override
    public void get(long key, Blackhole sink) {
      map.get(MemorySegment.ofArray(key(key)), value -> sink.consume(value.getLong(0)));
    }

    @Override
    public void put(long key, long value) {
      map.put(key(key), key(value));
    }

    @Override
    public void update(long key, long value) {
      map.replace(key(key), key(value));
    }

    @Override
    public void remove(long key) {
      map.remove(key(key));
    }

    @Override
    public void scan(long from, long to, Blackhole sink) {
      map.forEach(
          MemorySegment.ofArray(key(from)),
          MemorySegment.ofArray(key(to)),
          (key, value) -> sink.consume(value.getLong(0)));
    }

    @Override
    public void scanDown(long from, long to, Blackhole sink) {
      map.forEachDescending(
          MemorySegment.ofArray(key(from)),
          MemorySegment.ofArray(key(to)),
          (key, value) -> sink.consume(value.getLong(0)));
    }

    @Override
    public void close() {
      map.close();
      domain.close();
    }
  }

  /** The JDK's, of arrays of bytes. */
  final class HeapBytes implements OrderedMap {
    private final ConcurrentSkipListMap<byte[], byte[]> map =
        new ConcurrentSkipListMap<>(Arrays::compareUnsigned);

    @Override
    public void get(long key, Blackhole sink) {
      sink.consume(map.get(key(key)));
    }

    @Override
    public void put(long key, long value) {
      map.put(key(key), key(value));
    }

    @Override
    public void update(long key, long value) {
      map.replace(key(key), key(value));
    }

    @Override
    public void remove(long key) {
      map.remove(key(key));
    }

    @Override
    public void scan(long from, long to, Blackhole sink) {
      map.subMap(key(from), key(to)).values().forEach(value -> sink.consume(value[0]));
    }

    @Override
    public void scanDown(long from, long to, Blackhole sink) {
      map.subMap(key(from), key(to))
          .descendingMap()
          .values()
          .forEach(value -> sink.consume(value[0]));
    }

    @Override
    public void close() {}
  }
}
