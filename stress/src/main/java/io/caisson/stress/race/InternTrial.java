package io.caisson.stress.race;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.GuardAllocator;
import io.caisson.alloc.SystemAllocator;
import io.caisson.collections.ConcurrentInternTable;
import io.caisson.collections.Interns;
import io.caisson.collections.StringView;

/** An intern table of one shard, on memory that is poisoned when it is freed. */
final class InternTrial {

  private static final long RED_ZONE = 16;
  private static final long QUARANTINE = 1 << 20;
  private static final Allocator ALLOCATOR =
      new GuardAllocator(SystemAllocator.create(), RED_ZONE, QUARANTINE);
  private static final StringView[] STRINGS = new StringView[10];

  static {
    for (int i = 0; i < STRINGS.length; i++) {
      STRINGS[i] = Interns.bytes(ALLOCATOR, 1 + i / 2, (byte) ('a' + i));
    }
  }

  final ConcurrentInternTable table = new ConcurrentInternTable(ALLOCATOR, "race", 1);

  /** Acquires a string of a letter, a to j; two and two are of one size. */
  int acquire(char letter) {
    return table.acquire(STRINGS[letter - 'a']);
  }

  /** Says whether a handle leads to the string of a letter. */
  boolean isRight(int handle, char letter) {
    try {
      return table.view(handle).equals(STRINGS[letter - 'a']);
    } catch (IllegalArgumentException stale) {
      return false;
    }
  }

  /** Nobody is there: closes the table, and returns how many references were out; -1 if unsound. */
  int close() {
    try {
      Interns.check(table);
      return (int) table.stats().references();
    } catch (AssertionError unsound) {
      return -1;
    } finally {
      table.close();
    }
  }
}
