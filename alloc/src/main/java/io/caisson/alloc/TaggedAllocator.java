package io.caisson.alloc;

import io.caisson.alloc.internal.BlockArguments;
import org.jspecify.annotations.Nullable;

/**
 * Allocates under a tag, which keeps an account of it.
 *
 * <p>Several may share a tag, and several tags an allocator; what one allocates is freed under the
 * same tag, or both accounts are wrong. In checked memory mode, that is a {@link
 * CheckedMemoryException}. An arena gives back its memory to its parent: put the tag under it.
 *
 * <p>As thread-safe as the other allocator, and no less lock-free: threads count in stripes of
 * their own. The peak is as exact as that of an {@link AccountedAllocator}.
 */
public final class TaggedAllocator implements Allocator {

  final Allocator allocator;
  private final Tag tag;
  private final @Nullable TagBook book;
  private volatile boolean closed;

  /**
   * Creates an allocator with a tag.
   *
   * @param allocator where memory comes from; not closed with this
   * @param tag what the memory is for
   * @throws IllegalArgumentException if the allocator does not free one by one
   */
  public TaggedAllocator(@Borrowed Allocator allocator, Tag tag) {
    Owner.requireIndividualFrees(allocator, "a tag");
    this.allocator = allocator;
    this.tag = tag;
    this.book = tag.book();
  }

  /**
   * Returns what the memory is for.
   *
   * @return the tag
   */
  public Tag tag() {
    return tag;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException(
          "allocator '" + name() + "' with tag '" + tag + "' is closed");
    }
  }

  @Override
  public long allocate(long byteSize, long byteAlignment) {
    requireOpen();
    return note(allocator.allocate(byteSize, byteAlignment), byteSize, byteAlignment);
  }

  @Override
  public long allocateZeroed(long byteSize, long byteAlignment) {
    requireOpen();
    return note(allocator.allocateZeroed(byteSize, byteAlignment), byteSize, byteAlignment);
  }

  private long note(long address, long byteSize, long byteAlignment) {
    if (address == NULL) {
      tag.failed();
      return NULL;
    }
    try {
      enter(address);
      tag.allocated(byteSize);
    } catch (RuntimeException | Error e) { // the Java heap may be exhausted
      strikeOff("allocate", address);
      allocator.free(address, byteSize, byteAlignment);
      throw e;
    }
    return address;
  }

  private void enter(long address) {
    if (book != null) {
      book.enter(address, tag);
    }
  }

  private boolean strikeOff(String operation, long address) {
    return book != null && book.strikeOff(operation, address, tag);
  }

  /**
   * {@inheritDoc}
   *
   * @throws CheckedMemoryException in checked memory mode, if the block has another tag
   */
  @Override
  public boolean resize(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    requireOpen();
    if (book != null) {
      book.require("resize", address, tag);
    }
    boolean resized = allocator.resize(address, oldByteSize, newByteSize, byteAlignment);
    if (resized) {
      tag.resized(oldByteSize, newByteSize);
    }
    return resized;
  }

  /**
   * {@inheritDoc}
   *
   * @throws CheckedMemoryException in checked memory mode, if the block has another tag
   */
  @Override
  public long reallocate(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    requireOpen();
    boolean struck = strikeOff("reallocate", address);
    long moved = NULL;
    try {
      moved = allocator.reallocate(address, oldByteSize, newByteSize, byteAlignment);
    } finally {
      if (struck) {
        enter(moved == NULL ? address : moved);
      }
    }
    if (moved == NULL) {
      tag.failed();
    } else {
      tag.reallocated(oldByteSize, newByteSize);
    }
    return moved;
  }

  /**
   * {@inheritDoc}
   *
   * @throws CheckedMemoryException in checked memory mode, if the block has another tag
   */
  @Override
  public void free(long address, long byteSize, long byteAlignment) {
    if (address == NULL) {
      BlockArguments.check(byteSize, byteAlignment);
      return;
    }
    boolean struck = strikeOff("free", address);
    boolean freed = false;
    try {
      allocator.free(address, byteSize, byteAlignment);
      freed = true;
    } finally {
      if (struck && !freed) {
        enter(address);
      }
    }
    tag.freed(byteSize);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Here: what the other allocator says, with the tag.
   */
  @Override
  public AllocationException failure(long byteSize, long byteAlignment) {
    return allocator.failure(byteSize, byteAlignment).taggedWith(tag.path());
  }

  @Override
  public String name() {
    return allocator.name();
  }

  @Override
  public boolean isThreadSafe() {
    return allocator.isThreadSafe();
  }

  @Override
  public boolean freesIndividually() {
    return true;
  }

  /** Closes this allocator and not the other: what is out can still be freed. */
  @Override
  public void close() {
    closed = true;
  }

  /**
   * Does nothing but throw: close the other allocator instead.
   *
   * @throws UnsupportedOperationException always, for the blocks are the other's
   */
  @Override
  public void closeForcibly() {
    throw new UnsupportedOperationException(
        "allocator '" + name() + "' with a tag has no blocks of its own; close what it is over");
  }

  @Override
  public String toString() {
    return "tagged(" + allocator + ", " + tag + ")";
  }
}
