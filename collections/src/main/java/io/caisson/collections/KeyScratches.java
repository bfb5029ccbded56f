package io.caisson.collections;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.internal.Memory;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Scratch memory for the keys that many threads have on the Java heap. Thread-safe and lock-free;
 * who uses it holds a guard, so that it is freed when nobody does.
 */
final class KeyScratches {

  private static final int STRIPES = 8;

  /** So far apart that each has a cache line. */
  private static final int STRIDE = 32;

  /** A larger one is not kept. */
  private static final long KEPT_BYTE_SIZE = 64 << 10;

  private final Allocator allocator;
  private final AtomicReferenceArray<@Nullable KeyScratch> idle =
      new AtomicReferenceArray<>(STRIPES * STRIDE);

  KeyScratches(Allocator allocator) {
    this.allocator = allocator;
  }

  private static int stripe() {
    return Memory.SIMULATED
        ? 0
        : ((int) Thread.currentThread().threadId() & (STRIPES - 1)) * STRIDE;
  }

  /** Takes one, which is the caller's until it is given back. */
  KeyScratch take() {
    KeyScratch scratch = idle.getAndSet(stripe(), null);
    return scratch != null ? scratch : new KeyScratch(allocator);
  }

  /** Gives one back; null is none. */
  void give(@Nullable KeyScratch scratch) {
    if (scratch == null) {
      return;
    }
    if (scratch.capacity() > KEPT_BYTE_SIZE || !idle.compareAndSet(stripe(), null, scratch)) {
      scratch.free();
    }
  }

  /** Returns how many are idle, and have memory. */
  int count() {
    int count = 0;
    for (int i = 0; i < idle.length(); i += STRIDE) {
      KeyScratch scratch = idle.get(i);
      count += scratch != null && scratch.capacity() > 0 ? 1 : 0;
    }
    return count;
  }

  /** Frees all; nobody uses them any more. */
  void free() {
    for (int i = 0; i < idle.length(); i += STRIDE) {
      KeyScratch scratch = idle.getAndSet(i, null);
      if (scratch != null) {
        scratch.free();
      }
    }
  }
}
