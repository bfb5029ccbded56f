package io.caisson.smr;

import io.caisson.alloc.Borrowed;
import io.caisson.alloc.Owned;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A pin on a {@link ReclamationDomain}: while it is open, no block that its holder can reach is
 * freed.
 *
 * <pre>{@code
 * try (Guard guard = domain.pin(1, NODE_BYTES)) {
 *   long node = unlinkOne(); // reads the root only now
 *   guard.retire(node, NODE_BYTES, NODE_ALIGNMENT, allocator);
 * }
 * }</pre>
 *
 * <p>Addresses read under a guard are borrowed until it is closed or refreshed. Guards nest: each
 * is a pin of its own, and they may be closed in any order. Closing is wait-free.
 *
 * <p>Used by one thread at a time. It belongs to no thread: a virtual thread may park and change
 * its carrier while it holds one, and whoever it is handed to may close it. Where its use is
 * compiled into one method, it is not allocated on the Java heap.
 */
public final class Guard implements AutoCloseable {

  private final ReclamationDomain domain;

  /** Where it is pinned. */
  private long place;

  /** What it retires with; null if it only reads. */
  private @Nullable Local local;

  private boolean open;

  /** Checked memory mode only. */
  private PinBook.@Nullable Entry entry;

  /** Made before its place is claimed, so that an exhausted Java heap leaves nothing pinned. */
  Guard(ReclamationDomain domain) {
    this.domain = domain;
  }

  void open(long place, @Nullable Local local) {
    this.place = place;
    this.local = local;
    open = true;
  }

  void register(PinBook book, long at) {
    entry = book.add(this, at);
  }

  private void requireOpen() {
    if (!open) {
      throw new IllegalStateException("this guard of domain '" + domain.name() + "' is closed");
    }
  }

  /**
   * Hands over a block that is unlinked: it is freed to its allocator once nobody can still read
   * it, by whatever thread. It needs no memory and does not wait; it may free some earlier blocks.
   *
   * @param address the block, taken over; not {@code NULL}, and unreachable for whoever pins from
   *     now on
   * @param byteSize its size in bytes, as it was allocated
   * @param byteAlignment its alignment in bytes, as it was allocated
   * @param allocator the number of its allocator, from {@link ReclamationDomain#register}
   * @throws IllegalStateException if the guard is closed or reads only, or the block is more than
   *     what is left of the reservation; the block then stays the caller's
   * @throws IllegalArgumentException if a size, alignment or number cannot be, and the block stays
   *     the caller's
   */
  public void retire(@Owned long address, long byteSize, long byteAlignment, int allocator) {
    Local mine = local;
    if (mine == null || !mine.admits(byteSize)) {
      throw notAdmitted(byteSize);
    }
    domain.retire(mine, address, byteSize, byteAlignment, allocator);
  }

  /**
   * Hands over several blocks of one size; as many calls of {@link #retire}.
   *
   * @param addresses the blocks, taken over
   * @param from the index of the first
   * @param to the index after the last
   * @param byteSize the size of each in bytes
   * @param byteAlignment the alignment of each in bytes
   * @param allocator the number of their allocator
   * @throws IndexOutOfBoundsException if the range is not in the array; nothing is retired
   * @throws IllegalStateException as {@link #retire}; the blocks from there on stay the caller's
   * @throws IllegalArgumentException as {@link #retire}; the blocks from there on stay the caller's
   */
  public void retireAll(
      @Owned long[] addresses, int from, int to, long byteSize, long byteAlignment, int allocator) {
    Objects.checkFromToIndex(from, to, addresses.length);
    for (int i = from; i < to; i++) {
      retire(addresses[i], byteSize, byteAlignment, allocator);
    }
  }

  private RuntimeException notAdmitted(long byteSize) {
    requireOpen();
    if (local == null) {
      return new IllegalStateException(
          "this guard of domain '"
              + domain.name()
              + "' only reads; pin(blocks, byteSize) to retire");
    }
    return new IllegalStateException(
        "a block of "
            + byteSize
            + " bytes is more than what is left of the reservation of this guard of domain '"
            + domain.name()
            + "'");
  }

  /**
   * Pins anew, at the current epoch: every address read before is dead. A long iteration does it
   * now and then, so that it does not hold back what others retire.
   *
   * @throws IllegalStateException if the guard is closed
   */
  public void refresh() {
    requireOpen();
    place = domain.refresh(place, local);
  }

  /**
   * Unpins: every address read under the guard is dead. Closing twice is fine, but not by two
   * threads at once, which would release the place of a stranger.
   *
   * @throws IllegalStateException in checked memory mode, if two threads close it at once
   */
  @Override
  public void close() {
    if (!open) {
      return;
    }
    open = false;
    if (entry != null && !entry.remove()) {
      throw new IllegalStateException(
          "this guard of domain '" + domain.name() + "' is closed by two threads at once");
    }
    Local mine = local;
    if (mine == null) {
      domain.unpin(place);
    } else {
      local = null;
      domain.unpin(place, mine);
    }
  }

  /**
   * Returns the domain that this pins.
   *
   * @return the domain, which whoever built it closes
   */
  @Borrowed
  public ReclamationDomain domain() {
    return domain;
  }
}
