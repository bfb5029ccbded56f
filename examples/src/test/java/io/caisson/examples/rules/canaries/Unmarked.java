package io.caisson.examples.rules.canaries;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.CleanupStack;
import io.caisson.alloc.Owned;
import io.caisson.alloc.RefCounted;
import io.caisson.collections.Slice;
import io.caisson.collections.StringView;
import java.lang.foreign.MemorySegment;

/** Says nothing, or two things at once, about who owns what. */
public abstract class Unmarked {

  /** Takes an allocator. */
  public Unmarked(Allocator allocator) {}

  /** Returns an address. */
  public abstract long address();

  /** Returns an address. */
  public abstract long allocate(long byteSize);

  /** Returns an address that is both. */
  @Owned
  @Borrowed
  public abstract long bothAddress();

  /** Returns a segment. */
  public abstract MemorySegment segment();

  /** Returns a view. */
  public abstract Slice slice();

  /** Returns a view. */
  public abstract StringView text();

  /** Returns what is closed. */
  public abstract CleanupStack cleanup();

  /** Returns what is released. */
  public abstract RefCounted<String> shared();

  /** Takes a segment. */
  public abstract void write(long byteOffset, MemorySegment source);

  /** Returns a size, which has no owner. */
  public abstract long byteSize();

  /** Is marked as it must be. */
  @Borrowed
  public abstract MemorySegment marked(@Borrowed Slice slice);

  abstract MemorySegment hidden(Slice slice);
}
