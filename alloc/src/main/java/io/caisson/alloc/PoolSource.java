package io.caisson.alloc;

import io.caisson.alloc.internal.BlockMap;
import io.caisson.alloc.internal.MetadataMemory;
import io.caisson.alloc.internal.events.MemoryEvents;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Where a pool's memory comes from: chunks to cut up, and, one by one, the blocks that are too
 * large for the pool. What both pools do alike is here.
 *
 * <p>A block that was passed on to the parent is in a ledger, so that the pool knows all that it
 * has out and can release it. The ledger costs some heap, for blocks that are not the pool's
 * business anyway; a block of the pool's own size never touches it. As thread-safe as the parent.
 */
final class PoolSource {

  private record PassedOn(long byteSize, long byteAlignment) {}

  private final Allocator pool;
  private final Allocator parent;
  private final PoolProfile profile;
  private final long blockByteSize;
  private final long blockByteAlignment;
  private final ConcurrentHashMap<Long, PassedOn> ledger = new ConcurrentHashMap<>();

  PoolSource(Allocator pool, Allocator parent, PoolProfile profile) {
    this.pool = pool;
    this.parent = parent;
    this.profile = profile;
    this.blockByteSize = profile.blockByteSize();
    this.blockByteAlignment = profile.blockByteAlignment();
  }

  /** Says whether a request is served from the pool's own blocks; sizes are positive. */
  boolean isPooled(long byteSize, long byteAlignment) {
    return byteSize <= blockByteSize && byteAlignment <= blockByteAlignment;
  }

  // ---- chunks ---------------------------------------------------------------------------------

  /** Takes a chunk to cut up, or returns {@code NULL}. */
  long takeChunk() {
    long byteSize = profile.chunkByteSize();
    long address = parent.allocate(byteSize, profile.chunkByteAlignment());
    if (address != Allocator.NULL) {
      BlockRegistry.carved(address, byteSize);
      MetadataMemory.register(address, byteSize);
      MemoryEvents.chunk(profile.name(), address, byteSize);
    }
    return address;
  }

  /** Gives a chunk back, with whatever is out of it. */
  void giveBackChunk(long address) {
    long byteSize = profile.chunkByteSize();
    BlockRegistry.freedWithin(pool, address, byteSize);
    MetadataMemory.unregister(address);
    parent.free(address, byteSize, profile.chunkByteAlignment());
  }

  AllocationException chunkFailure() {
    return parent.failure(profile.chunkByteSize(), profile.chunkByteAlignment()).at(profile.name());
  }

  // ---- blocks that are passed on --------------------------------------------------------------

  long allocate(long byteSize, long byteAlignment) {
    return enter(parent.allocate(byteSize, byteAlignment), byteSize, byteAlignment);
  }

  private long enter(long address, long byteSize, long byteAlignment) {
    if (address != Allocator.NULL) {
      BlockRegistry.carved(address, byteSize);
      BlockRegistry.allocated(pool, address, byteSize, byteAlignment);
      ledger.put(address, new PassedOn(byteSize, byteAlignment));
    }
    return address;
  }

  void free(long address, long byteSize, long byteAlignment) {
    BlockRegistry.freed(pool, address, byteSize, byteAlignment);
    strikeOff(address);
    parent.free(address, byteSize, byteAlignment);
  }

  private void strikeOff(long address) {
    requireKnown(address, ledger.remove(address));
  }

  private void requireKnown(long address, @Nullable PassedOn entry) {
    if (entry == null) {
      throw new IllegalStateException(
          "0x"
              + Long.toHexString(address)
              + " is no live block that pool '"
              + profile.name()
              + "' has from its parent");
    }
  }

  int passedOn() {
    return ledger.size();
  }

  /** Gives every block that was passed on back to the parent. */
  void releasePassedOn() {
    ledger.forEach((address, block) -> {
      if (ledger.remove(address, block)) {
        parent.free(address, block.byteSize, block.byteAlignment);
      }
    });
  }

  // ---- changes of size ------------------------------------------------------------------------

  /** Resizes any block of the pool's; the arguments are checked. */
  boolean resize(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    boolean pooled = isPooled(oldByteSize, byteAlignment);
    if (pooled != isPooled(newByteSize, byteAlignment)) {
      return false;
    }
    if (!pooled && !resizePassedOn(address, oldByteSize, newByteSize, byteAlignment)) {
      return false;
    }
    BlockRegistry.resized(pool, address, oldByteSize, newByteSize, byteAlignment);
    return true;
  }

  private boolean resizePassedOn(
      long address, long oldByteSize, long newByteSize, long byteAlignment) {
    requirePassedOn(address, oldByteSize, byteAlignment);
    if (!parent.resize(address, oldByteSize, newByteSize, byteAlignment)) {
      return false;
    }
    ledger.put(address, new PassedOn(newByteSize, byteAlignment));
    return true;
  }

  private void requirePassedOn(long address, long byteSize, long byteAlignment) {
    if (BlockMap.ACTIVE) {
      BlockMap.require(pool, address, byteSize, byteAlignment, "resize");
    }
    requireKnown(address, ledger.get(address));
  }

  /** Reallocates any block of the pool's; the arguments are checked. */
  long reallocate(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    if (isPooled(oldByteSize, byteAlignment) || isPooled(newByteSize, byteAlignment)) {
      return resize(address, oldByteSize, newByteSize, byteAlignment)
          ? address
          : Allocations.move(pool, address, oldByteSize, newByteSize, byteAlignment);
    }
    return reallocatePassedOn(address, oldByteSize, newByteSize, byteAlignment);
  }

  private long reallocatePassedOn(
      long address, long oldByteSize, long newByteSize, long byteAlignment) {
    requirePassedOn(address, oldByteSize, byteAlignment);
    // Struck off first: once the parent has moved the block, others may get its address.
    PassedOn entry = ledger.remove(address);
    requireKnown(address, entry);
    long moved = parent.reallocate(address, oldByteSize, newByteSize, byteAlignment);
    if (moved == Allocator.NULL && entry != null) {
      ledger.put(address, entry);
    } else if (moved == address) {
      BlockRegistry.resized(pool, address, oldByteSize, newByteSize, byteAlignment);
      ledger.put(address, new PassedOn(newByteSize, byteAlignment));
    } else {
      enter(moved, newByteSize, byteAlignment);
    }
    return moved;
  }

  // ---- failure --------------------------------------------------------------------------------

  /** Says why a request was refused. */
  AllocationException failure(long byteSize, long byteAlignment, long liveBlocks) {
    boolean isOwnLimit = isPooled(byteSize, byteAlignment) && profile.policy() == PoolPolicy.FIXED;
    return isOwnLimit
        ? new AllocationException(
            profile.name(),
            byteSize,
            byteAlignment,
            liveBlocks * blockByteSize,
            profile.blocksPerChunk() * blockByteSize)
        : parent.failure(byteSize, byteAlignment).at(profile.name());
  }
}
