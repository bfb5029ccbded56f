package io.caisson.collections;

import io.caisson.alloc.Allocator;
import io.caisson.smr.ReclamationDomain;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Entries from long to long that threads share, whatever keeps them: as much as a test needs. */
interface SharedEntries extends AutoCloseable {

  /** The value of a key that is not there; no key has it. */
  long ABSENT = -1;

  long get(long key);

  /** Gives a key that is there another value, or puts it in. */
  void put(long key, long value);

  /** Says whether the key was there. */
  boolean remove(long key);

  long size();

  void checkInvariants();

  @Override
  void close();

  /** What keeps them. */
  enum Kind {
    LONG_TABLE {
      @Override
      SharedEntries open(Allocator allocator, ReclamationDomain domain) {
        ConcurrentLongLongTable table = new ConcurrentLongLongTable(allocator, domain);
        return new SharedEntries() {
          @Override
          public long get(long key) {
            return table.get(key, ABSENT);
          }

          @Override
          public void put(long key, long value) {
            table.put(key, value, ABSENT);
          }

          @Override
          public boolean remove(long key) {
            return table.remove(key, ABSENT) != ABSENT;
          }

          @Override
          public long size() {
            return table.size();
          }

          @Override
          public void checkInvariants() {
            table.checkInvariants();
          }

          @Override
          public void close() {
            table.close();
          }
        };
      }
    },

    BYTES_LONG_TABLE {
      @Override
      SharedEntries open(Allocator allocator, ReclamationDomain domain) {
        ConcurrentBytesLongTable table = new ConcurrentBytesLongTable(allocator, domain);
        return new SharedEntries() {
          @Override
          public long get(long key) {
            return table.get(bytes(key), ABSENT);
          }

          @Override
          public void put(long key, long value) {
            table.put(bytes(key), value, ABSENT);
          }

          @Override
          public boolean remove(long key) {
            return table.remove(bytes(key), ABSENT) != ABSENT;
          }

          @Override
          public long size() {
            return table.size();
          }

          @Override
          public void checkInvariants() {
            table.checkInvariants();
          }

          @Override
          public void close() {
            table.close();
          }
        };
      }
    },

    BYTES_TABLE {
      @Override
      SharedEntries open(Allocator allocator, ReclamationDomain domain) {
        ConcurrentBytesTable table = new ConcurrentBytesTable(allocator, domain);
        return new SharedEntries() {
          @Override
          public long get(long key) {
            return number(table.get(bytes(key)));
          }

          @Override
          public void put(long key, long value) {
            table.put(bytes(key), bytes(value));
          }

          @Override
          public boolean remove(long key) {
            return table.remove(bytes(key));
          }

          @Override
          public long size() {
            return table.size();
          }

          @Override
          public void checkInvariants() {
            table.checkInvariants();
          }

          @Override
          public void close() {
            table.close();
          }
        };
      }
    },

    ORDERED_MAP {
      @Override
      SharedEntries open(Allocator allocator, ReclamationDomain domain) {
        ConcurrentLongLongOrderedMap map = new ConcurrentLongLongOrderedMap(allocator, domain);
        return new SharedEntries() {
          @Override
          public long get(long key) {
            return map.get(key, ABSENT);
          }

          @Override
          public void put(long key, long value) {
            map.put(key, value, ABSENT);
          }

          @Override
          public boolean remove(long key) {
            return map.remove(key, ABSENT) != ABSENT;
          }

          @Override
          public long size() {
            return map.size();
          }

          @Override
          public void checkInvariants() {
            map.checkInvariants();
          }

          @Override
          public void close() {
            map.close();
          }
        };
      }
    },

    BYTES_ORDERED_MAP {
      @Override
      SharedEntries open(Allocator allocator, ReclamationDomain domain) {
        ConcurrentBytesOrderedMap map = new ConcurrentBytesOrderedMap(allocator, domain);
        return new SharedEntries() {
          @Override
          public long get(long key) {
            return number(map.get(bytes(key)));
          }

          @Override
          public void put(long key, long value) {
            map.put(bytes(key), bytes(value));
          }

          @Override
          public boolean remove(long key) {
            return map.remove(bytes(key));
          }

          @Override
          public long size() {
            return map.size();
          }

          @Override
          public void checkInvariants() {
            map.checkInvariants();
          }

          @Override
          public void close() {
            map.close();
          }
        };
      }
    },

    /** Its keys are their own values. */
    LINKED_SET {
      @Override
      SharedEntries open(Allocator allocator, ReclamationDomain domain) {
        ConcurrentLongLinkedSet set = new ConcurrentLongLinkedSet(allocator, domain);
        return new SharedEntries() {
          @Override
          public long get(long key) {
            return set.contains(key) ? key : ABSENT;
          }

          @Override
          public void put(long key, long value) {
            set.add(key);
          }

          @Override
          public boolean remove(long key) {
            return set.remove(key);
          }

          @Override
          public long size() {
            return set.size();
          }

          @Override
          public void checkInvariants() {
            set.checkInvariants();
          }

          @Override
          public void close() {
            set.close();
          }
        };
      }

      @Override
      long valueOf(long key, long wish) {
        return key;
      }
    };

    abstract SharedEntries open(Allocator allocator, ReclamationDomain domain);

    /** Returns the value that a key has when it is put in with a value that is wished for. */
    long valueOf(long key, long wish) {
      return wish;
    }

    private static byte[] bytes(long number) {
      return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
    }

    private static long number(byte @Nullable [] bytes) {
      return bytes == null ? ABSENT : ByteBuffer.wrap(bytes).getLong();
    }
  }
}
