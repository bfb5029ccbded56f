package io.caisson.bench;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.SystemAllocator;
import io.caisson.collections.ConcurrentBytesTable;
import io.caisson.collections.StringView;
import io.caisson.smr.Guard;
import io.caisson.smr.ReclamationDomain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.caffinitas.ohc.CacheSerializer;
import org.caffinitas.ohc.DirectValueAccess;
import org.caffinitas.ohc.Eviction;
import org.caffinitas.ohc.OHCache;
import org.caffinitas.ohc.OHCacheBuilder;

/** A map of byte strings that threads share, whose keys are known by number. */
interface SharedBytesMap extends AutoCloseable {

  /** What a thread reads with. */
  interface Reader extends AutoCloseable {

    /** Reads the first and the last byte of a value in place. */
    int view(int key);

    /** Copies a value. */
    byte[] copy(int key);

    @Override
    default void close() {}
  }

  Reader reader();

  void put(int key, byte[] value);

  @Override
  void close();

  /** Opens a map by its name. */
  static SharedBytesMap open(String impl, byte[][] keys) {
    return switch (impl) {
      case "caisson" -> new Caisson(keys, true);
      case "caisson-array" -> new Caisson(keys, false);
      case "ohc" -> new Ohc(keys);
      case "ConcurrentHashMap" -> new OnHeap(keys, new ConcurrentHashMap<>());
      case "ConcurrentSkipListMap" -> new OnHeap(keys, new ConcurrentSkipListMap<>());
      default -> throw new IllegalArgumentException(impl);
    };
  }

  /** Caisson's table, asked by keys that are off the heap or on it. */
  final class Caisson implements SharedBytesMap {
    private static final int READS_PER_GUARD = 256;

    private final Allocator allocator = SystemAllocator.create();
    private final ReclamationDomain domain = new ReclamationDomain();
    private final ConcurrentBytesTable table = new ConcurrentBytesTable(allocator, domain);
    private final Arena arena = Arena.ofShared();
    private final MemorySegment[] keys;

    Caisson(byte[][] keys, boolean offHeap) {
      this.keys = new MemorySegment[keys.length];
      for (int i = 0; i < keys.length; i++) {
        MemorySegment array = MemorySegment.ofArray(keys[i]);
        this.keys[i] = offHeap ? arena.allocate(array.byteSize()).copyFrom(array) : array;
      }
    }

    @Override
    public Reader reader() {
      Guard guard = domain.pin();
      return new Reader() {
        private int reads;

        private StringView get(int key) {
          if (reads++ % READS_PER_GUARD == 0) {
            guard.refresh();
          }
          return table.get(guard, keys[key]);
        }

        @Override
        public int view(int key) {
          StringView value = get(key);
          return value.byteAt(0) + value.byteAt(value.byteSize() - 1);
        }

        @Override
        public byte[] copy(int key) {
          return get(key).toByteArray();
        }

        @Override
        public void close() {
          guard.close();
        }
      };
    }

    @Override
    public void put(int key, byte[] value) {
      table.put(keys[key], MemorySegment.ofArray(value));
    }

    @Override
    public void close() {
      table.close();
      domain.close();
      allocator.close();
      arena.close();
    }
  }

  /** OHC's cache, large enough to evict nothing. */
  final class Ohc implements SharedBytesMap {
    private static final long CAPACITY = 1L << 30;

    private static final CacheSerializer<byte[]> ARRAYS =
        new CacheSerializer<>() {
          @Override
          public void serialize(byte[] value, ByteBuffer buffer) {
            buffer.putInt(value.length).put(value);
          }

          @Override
          public byte[] deserialize(ByteBuffer buffer) {
            byte[] value = new byte[buffer.getInt()];
            buffer.get(value);
            return value;
          }

          @Override
          public int serializedSize(byte[] value) {
            return Integer.BYTES + value.length;
          }
        };

    private final OHCache<byte[], byte[]> cache =
        OHCacheBuilder.<byte[], byte[]>newBuilder()
            .keySerializer(ARRAYS)
            .valueSerializer(ARRAYS)
            .capacity(CAPACITY)
            .eviction(Eviction.LRU)
            .build();
    private final byte[][] keys;

    Ohc(byte[][] keys) {
      this.keys = keys;
    }

    @Override
    public Reader reader() {
      return new Reader() {
        @Override
        public int view(int key) {
          try (DirectValueAccess value = cache.getDirect(keys[key])) {
            ByteBuffer buffer = value.buffer();
            return buffer.get(Integer.BYTES) + buffer.get(buffer.limit() - 1);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }

        @Override
        public byte[] copy(int key) {
          return cache.get(keys[key]);
        }
      };
    }

    @Override
    public void put(int key, byte[] value) {
      cache.put(keys[key], value);
    }

    @Override
    public void close() {
      try {
        cache.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /**
   * A map of the JDK's, whose keys are made for each request, and whose reads copy if they must.
   */
  final class OnHeap implements SharedBytesMap {

    /** An array that has the equality of its bytes. */
    private record Key(byte[] bytes) implements Comparable<Key> {
      @Override
      public boolean equals(Object other) {
        return other instanceof Key(byte[] others) && Arrays.equals(bytes, others);
      }

      @Override
      public int hashCode() {
        return Arrays.hashCode(bytes);
      }

      @Override
      public int compareTo(Key other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
      }
    }

    private final byte[][] keys;
    private final ConcurrentMap<Key, byte[]> map;

    OnHeap(byte[][] keys, ConcurrentMap<Key, byte[]> map) {
      this.keys = keys;
      this.map = map;
    }

    @Override
    public Reader reader() {
      return new Reader() {
        @Override
        public int view(int key) {
          byte[] value = map.get(new Key(keys[key]));
          return value[0] + value[value.length - 1];
        }

        @Override
        public byte[] copy(int key) {
          return map.get(new Key(keys[key])).clone();
        }
      };
    }

    @Override
    public void put(int key, byte[] value) {
      map.put(new Key(keys[key]), value);
    }

    @Override
    public void close() {
      map.clear();
    }
  }
}
