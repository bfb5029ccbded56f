package io.caisson.examples.index;

import java.util.Locale;

/** The allocators that the table can be put on. */
enum AllocatorKind {
  SYSTEM,
  MIMALLOC,
  SLAB,
  ARENA,
  FIXED;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Returns the kind of a name.
   *
   * @throws IllegalArgumentException if there is none
   */
  static AllocatorKind of(String name) {
    for (AllocatorKind kind : values()) {
      if (kind.toString().equals(name)) {
        return kind;
      }
    }
    throw new IllegalArgumentException(
        "unknown allocator '" + name + "'; expected system, mimalloc, slab, arena or fixed");
  }
}
