package io.caisson.alloc;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Says of most addresses that they are not in a set, without looking into the set: a counting
 * filter of one hash.
 *
 * <p>Thread-safe. An address is added before its block is handed out, so whoever got the block from
 * there sees it.
 */
final class AddressFilter {

  private static final int SHIFT = 13;
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  /** How many addresses of the set have each hash. */
  private final AtomicIntegerArray counts = new AtomicIntegerArray(1 << SHIFT);

  private static int hash(long address) {
    return (int) ((address * GOLDEN) >>> (Long.SIZE - SHIFT));
  }

  /** Notes an address that is about to be in the set. */
  void add(long address) {
    counts.getAndIncrement(hash(address));
  }

  /** Notes that an address has left the set, once for each time that it was added. */
  void remove(long address) {
    counts.getAndDecrement(hash(address));
  }

  /** Returns false only if the address is not in the set. */
  boolean mayHave(long address) {
    return counts.getPlain(hash(address))
        != 0; // who has the block has seen it added, or removed it
  }
}
