package io.caisson.bench;

import com.carrotsearch.hppc.LongLongHashMap;
import com.carrotsearch.hppc.cursors.LongLongCursor;
import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocators;
import io.caisson.collections.LongLongTable;
import it.unimi.dsi.fastutil.longs.Long2LongOpenHashMap;
import java.util.HashMap;
import org.agrona.collections.Long2LongHashMap;

/**
 * A map from long to long, as much of it as the benchmarks use; one implementation in each fork.
 */
interface LongLongMap extends AutoCloseable {

  /** The value of a key that is not there. */
  long ABSENT = Long.MIN_VALUE;

  long get(long key);

  void put(long key, long value);

  void remove(long key);

  /** Adds up all values. */
  long sum();

  @Override
  void close();

  static LongLongMap of(String implementation) {
    return switch (implementation) {
      case "caisson" -> new Caisson(Allocators.system());
      case "caisson-huge" -> new Caisson(Allocators.systemWithHugePages());
      case "HashMap" -> new Jdk();
      case "fastutil" -> new Fastutil();
      case "agrona" -> new Agrona();
      case "hppc" -> new Hppc();
      default -> throw new IllegalArgumentException("no map is called " + implementation);
    };
  }

  /** Ours. */
  final class Caisson implements LongLongMap {
    private final AccountedAllocator allocator;
    private final LongLongTable table;

    Caisson(AccountedAllocator allocator) {
      this.allocator = allocator;
      this.table = new LongLongTable(allocator);
    }

    @Override
    public long get(long key) {
      return table.get(key, ABSENT);
    }

    @Override
    public void put(long key, long value) {
      table.put(key, value, ABSENT);
    }

    @Override
    public void remove(long key) {
      table.remove(key, ABSENT);
    }

    @Override
    public long sum() {
      long sum = 0;
      for (LongLongTable.Cursor cursor = table.cursor(); cursor.next(); ) {
        sum += cursor.value();
      }
      return sum;
    }

    @Override
    public void close() {
      table.close();
      allocator.close();
    }
  }

  /** The JDK's. */
  final class Jdk implements LongLongMap {
    private final HashMap<Long, Long> map = new HashMap<>();

    @Override
    public long get(long key) {
      Long value = map.get(key);
      return value == null ? ABSENT : value;
    }

    @Override
    public void put(long key, long value) {
      map.put(key, value);
    }

    @Override
    public void remove(long key) {
      map.remove(key);
    }

    @Override
    public long sum() {
      long sum = 0;
      for (long value : map.values()) {
        sum += value;
      }
      return sum;
    }

    @Override
    public void close() {
      map.clear();
    }
  }

  /** fastutil's. */
  final class Fastutil implements LongLongMap {
    private final Long2LongOpenHashMap map = new Long2LongOpenHashMap();

    Fastutil() {
      map.defaultReturnValue(ABSENT);
    }

    @Override
    public long get(long key) {
      return map.get(key);
    }

    @Override
    public void put(long key, long value) {
      map.put(key, value);
    }

    @Override
    public void remove(long key) {
      map.remove(key);
    }

    @Override
    public long sum() {
      long sum = 0;
      for (var values = map.values().iterator(); values.hasNext(); ) {
        sum += values.nextLong();
      }
      return sum;
    }

    @Override
    public void close() {
      map.clear();
    }
  }

  /** Agrona's. */
  final class Agrona implements LongLongMap {
    private final Long2LongHashMap map = new Long2LongHashMap(ABSENT);

    @Override
    public long get(long key) {
      return map.get(key);
    }

    @Override
    public void put(long key, long value) {
      map.put(key, value);
    }

    @Override
    public void remove(long key) {
      map.remove(key);
    }

    @Override
    public long sum() {
      long sum = 0;
      for (var values = map.values().iterator(); values.hasNext(); ) {
        sum += values.nextValue();
      }
      return sum;
    }

    @Override
    public void close() {
      map.clear();
    }
  }

  /** HPPC's. */
  final class Hppc implements LongLongMap {
    private final LongLongHashMap map = new LongLongHashMap();

    @Override
    public long get(long key) {
      return map.getOrDefault(key, ABSENT);
    }

    @Override
    public void put(long key, long value) {
      map.put(key, value);
    }

    @Override
    public void remove(long key) {
      map.remove(key);
    }

    @Override
    public long sum() {
      long sum = 0;
      for (LongLongCursor cursor : map) {
        sum += cursor.value;
      }
      return sum;
    }

    @Override
    public void close() {
      map.release();
    }
  }
}
