package io.caisson.collections;

import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@link MapView} and {@link SetView} show of each table and set. Bytes come out as read-only
 * buffers on the heap, copies, which are equal if their bytes are.
 */
final class JavaUtilSources {

  private JavaUtilSources() {}

  /** Makes a copy of bytes. */
  private static ByteBuffer copy(StringView bytes) {
    byte[] copy = new byte[Math.toIntExact(bytes.byteSize())];
    Memory.copyTo(bytes.address(), MemorySegment.ofArray(copy), 0, copy.length);
    return ByteBuffer.wrap(copy).asReadOnlyBuffer();
  }

  private static MemorySegment segment(Object buffer) {
    return MemorySegment.ofBuffer((ByteBuffer) buffer);
  }

  // ---- tables -----------------------------------------------------------------------------------

  record OfLongs(LongLongTable table) implements MapView.Source<Long, Long> {
    @Override
    public long size() {
      return table.size();
    }

    @Override
    public boolean containsKey(@Nullable Object key) {
      return key instanceof Long number && table.containsKey(number);
    }

    @Override
    public Long get(Object key) {
      return table.get((Long) key, 0);
    }

    @Override
    public void put(Long key, Long value) {
      table.put(key, value, 0);
    }

    @Override
    public void remove(Object key) {
      table.remove((Long) key, 0);
    }

    @Override
    public void clear() {
      table.clear();
    }

    @Override
    public MapView.Walk<Map.Entry<Long, Long>> walk() {
      LongLongTable.Cursor cursor = table.cursor();
      return new MapView.Walk<>() {
        @Override
        public boolean next() {
          return cursor.next();
        }

        @Override
        public Map.Entry<Long, Long> get() {
          return Map.entry(cursor.key(), cursor.value());
        }

        @Override
        public void remove() {
          cursor.remove();
        }
      };
    }
  }

  record OfBytesToLongs(BytesLongTable table) implements MapView.Source<ByteBuffer, Long> {
    @Override
    public long size() {
      return table.size();
    }

    @Override
    public boolean containsKey(@Nullable Object key) {
      return key instanceof ByteBuffer bytes
          && table.containsKey(segment(bytes), 0, bytes.remaining());
    }

    @Override
    public Long get(Object key) {
      return table.get(segment(key), 0, segment(key).byteSize(), 0);
    }

    @Override
    public void put(ByteBuffer key, Long value) {
      table.put(segment(key), 0, key.remaining(), value, 0);
    }

    @Override
    public void remove(Object key) {
      table.remove(segment(key), 0, segment(key).byteSize(), 0);
    }

    @Override
    public void clear() {
      table.clear();
    }

    @Override
    public MapView.Walk<Map.Entry<ByteBuffer, Long>> walk() {
      BytesLongTable.Cursor cursor = table.cursor();
      return new MapView.Walk<>() {
        @Override
        public boolean next() {
          return cursor.next();
        }

        @Override
        public Map.Entry<ByteBuffer, Long> get() {
          return Map.entry(copy(cursor.key()), cursor.value());
        }

        @Override
        public void remove() {
          cursor.remove();
        }
      };
    }
  }

  record OfBytes(BytesTable table) implements MapView.Source<ByteBuffer, ByteBuffer> {
    @Override
    public long size() {
      return table.size();
    }

    @Override
    public boolean containsKey(@Nullable Object key) {
      return key instanceof ByteBuffer bytes && table.containsKey(segment(bytes));
    }

    @Override
    public ByteBuffer get(Object key) {
      StringView value = table.get(segment(key));
      if (value == null) {
        throw new AssertionError("asked for a key that is not there");
      }
      return copy(value);
    }

    @Override
    public void put(ByteBuffer key, ByteBuffer value) {
      table.put(segment(key), segment(value));
    }

    @Override
    public void remove(Object key) {
      table.remove(segment(key));
    }

    @Override
    public void clear() {
      table.clear();
    }

    @Override
    public MapView.Walk<Map.Entry<ByteBuffer, ByteBuffer>> walk() {
      BytesTable.Cursor cursor = table.cursor();
      return new MapView.Walk<>() {
        @Override
        public boolean next() {
          return cursor.next();
        }

        @Override
        public Map.Entry<ByteBuffer, ByteBuffer> get() {
          return Map.entry(copy(cursor.key()), copy(cursor.value()));
        }

        @Override
        public void remove() {
          cursor.remove();
        }
      };
    }
  }

  // ---- sets -------------------------------------------------------------------------------------

  record OfLongSet(LongSet set) implements SetView.Source<Long> {
    @Override
    public long size() {
      return set.size();
    }

    @Override
    public boolean contains(@Nullable Object value) {
      return value instanceof Long number && set.contains(number);
    }

    @Override
    public boolean add(Long value) {
      return set.add(value);
    }

    @Override
    public boolean remove(@Nullable Object value) {
      return value instanceof Long number && set.remove(number);
    }

    @Override
    public void clear() {
      set.clear();
    }

    @Override
    public MapView.Walk<Long> walk() {
      LongSet.Cursor cursor = set.cursor();
      return new MapView.Walk<>() {
        @Override
        public boolean next() {
          return cursor.next();
        }

        @Override
        public Long get() {
          return cursor.value();
        }

        @Override
        public void remove() {
          cursor.remove();
        }
      };
    }
  }

  record OfBytesSet(BytesSet set) implements SetView.Source<ByteBuffer> {
    @Override
    public long size() {
      return set.size();
    }

    @Override
    public boolean contains(@Nullable Object value) {
      return value instanceof ByteBuffer bytes
          && set.contains(segment(bytes), 0, bytes.remaining());
    }

    @Override
    public boolean add(ByteBuffer value) {
      return set.add(segment(value), 0, value.remaining());
    }

    @Override
    public boolean remove(@Nullable Object value) {
      return value instanceof ByteBuffer bytes && set.remove(segment(bytes), 0, bytes.remaining());
    }

    @Override
    public void clear() {
      set.clear();
    }

    @Override
    public MapView.Walk<ByteBuffer> walk() {
      BytesSet.Cursor cursor = set.cursor();
      return new MapView.Walk<>() {
        @Override
        public boolean next() {
          return cursor.next();
        }

        @Override
        public ByteBuffer get() {
          return copy(cursor.value());
        }

        @Override
        public void remove() {
          cursor.remove();
        }
      };
    }
  }
}
