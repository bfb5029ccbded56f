package io.caisson.bench;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocators;
import io.caisson.collections.ConcurrentLongLongTable;
import io.caisson.smr.ReclamationDomain;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jctools.maps.NonBlockingHashMapLong;

/** A map from long to long for many threads, as much of it as the benchmarks use. */
interface ConcurrentLongMap extends AutoCloseable {

  /** The value of a key that is not there. */
  long ABSENT = Long.MIN_VALUE;

  long get(long key);

  void put(long key, long value);

  void remove(long key);

  void replace(long key, long value);

  void add(long key, long delta);

  /** Returns the bytes off the heap. */
  long nativeBytes();

  @Override
  void close();

  static ConcurrentLongMap of(String implementation) {
    return switch (implementation) {
      case "caisson" -> new Caisson(Allocators.system());
      case "caisson-huge-pages" -> new Caisson(Allocators.systemWithHugePages());
      case "caisson-mimalloc" -> new Caisson(Allocators.mimalloc());
      case "ConcurrentHashMap" -> new Jdk(new ConcurrentHashMap<>());
      case "NonBlockingHashMapLong" -> new Jctools();
      default -> throw new IllegalArgumentException("no map is called " + implementation);
    };
  }

  /** Ours. */
  final class Caisson implements ConcurrentLongMap {
    private final AccountedAllocator allocator;
    private final ReclamationDomain domain = new ReclamationDomain();
    private final ConcurrentLongLongTable table;

    Caisson(AccountedAllocator allocator) {
      this.allocator = allocator;
      this.table = new ConcurrentLongLongTable(allocator, domain);
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
    public void replace(long key, long value) {
      table.replace(key, value, ABSENT);
    }

    @Override
    public void add(long key, long delta) {
      table.addTo(key, delta);
    }

    @Override
    public long nativeBytes() {
      domain.drain();
      return allocator.stats().liveBytes();
    }

    @Override
    public void close() {
      table.close();
      domain.close();
      allocator.close();
    }
  }

  /** The JDK's. */
  final class Jdk implements ConcurrentLongMap {
    private final ConcurrentMap<Long, Long> map;

    Jdk(ConcurrentMap<Long, Long> map) {
      this.map = map;
    }

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
    public void replace(long key, long value) {
      map.replace(key, value);
    }

    @Override
    public void add(long key, long delta) {
      map.merge(key, delta, Long::sum);
    }

    @Override
    public long nativeBytes() {
      return 0;
    }

    @Override
    public void close() {
      map.clear();
    }
  }

  /** JCTools', by its methods for primitive keys. */
  final class Jctools implements ConcurrentLongMap {
    private final NonBlockingHashMapLong<Long> map = new NonBlockingHashMapLong<>();

    @Override
    public long get(long key) {
      Long value = map.get(key);
      return value == null ? ABSENT : value;
    }

    @Override
    public void put(long key, long value) {
      map.put(key, (Long) value);
    }

    @Override
    public void remove(long key) {
      map.remove(key);
    }

    @Override
    public void replace(long key, long value) {
      map.replace(key, (Long) value);
    }

    @Override
    public void add(long key, long delta) {
      map.merge(key, delta, Long::sum);
    }

    @Override
    public long nativeBytes() {
      return 0;
    }

    @Override
    public void close() {
      map.clear();
    }
  }
}
