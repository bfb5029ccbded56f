package io.caisson.alloc;

import io.caisson.alloc.SlabLayout.Superblock;
import io.caisson.alloc.internal.MetadataMemory;
import io.caisson.alloc.internal.events.MemoryEvents;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Takes regions from the parent of a slab, cuts them into superblocks, and gives a region back once
 * all its superblocks are free.
 *
 * <p>Thread-safe by its monitor, which is held while the parent is called. Only a thread that needs
 * or frees a whole superblock comes here.
 */
final class SlabRegions {

  /** Some superblocks in a row; bit i of {@code free} says whether the i-th is free. */
  private static final class Region {
    final long address;
    long free;

    Region(long address, long free) {
      this.address = address;
      this.free = free;
    }
  }

  private final Allocator parent;
  private final Allocator slab;
  private final int superblocksPerRegion;
  private final long allFree;
  private final TreeMap<Long, Region> regions = new TreeMap<>();
  private @Nullable Region current;
  private long superblocksOut;

  /**
   * Creates a source without regions.
   *
   * @param superblocksPerRegion from 1 to 32
   */
  SlabRegions(Allocator parent, Allocator slab, int superblocksPerRegion) {
    this.parent = parent;
    this.slab = slab;
    this.superblocksPerRegion = superblocksPerRegion;
    this.allFree = (1L << superblocksPerRegion) - 1;
  }

  private long regionByteSize() {
    return superblocksPerRegion * Superblock.SIZE;
  }

  /** Returns a superblock with no header yet, or NULL if the parent is exhausted. */
  synchronized long take() {
    Region region = regionWithRoom();
    if (region == null) {
      return Allocator.NULL;
    }
    int index = Long.numberOfTrailingZeros(region.free);
    region.free &= region.free - 1;
    superblocksOut++;
    return region.address + index * Superblock.SIZE;
  }

  private @Nullable Region regionWithRoom() {
    Region region = current;
    if (region == null || region.free == 0) {
      region = anyWithRoom();
      current = region;
    }
    return region;
  }

  private @Nullable Region anyWithRoom() {
    for (Region region : regions.values()) {
      if (region.free != 0) {
        return region;
      }
    }
    long address = parent.allocate(regionByteSize(), Superblock.SIZE);
    if (address == Allocator.NULL) {
      return null;
    }
    BlockRegistry.carved(address, regionByteSize());
    MetadataMemory.register(address, regionByteSize());
    Region region = new Region(address, allFree);
    regions.put(address, region);
    MemoryEvents.chunk(slab.name(), address, regionByteSize());
    return region;
  }

  /** Takes a superblock back, no block of which is in use. */
  synchronized void give(long superblock) {
    Map.Entry<Long, Region> entry = regions.floorEntry(superblock);
    Region region = entry.getValue();
    region.free |= 1L << ((superblock - region.address) >>> Superblock.SHIFT);
    superblocksOut--;
    if (region.free == allFree) {
      regions.remove(region.address);
      release(region);
    }
  }

  private void release(Region region) {
    if (region == current) {
      current = null;
    }
    BlockRegistry.freedWithin(slab, region.address, regionByteSize());
    MetadataMemory.unregister(region.address);
    parent.free(region.address, regionByteSize(), Superblock.SIZE);
  }

  /** Gives every region back, whatever is in use in it. */
  synchronized void releaseAll() {
    regions.values().forEach(this::release);
    regions.clear();
    superblocksOut = 0;
  }

  /** Returns the number of superblocks that are in use. */
  synchronized long superblocksOut() {
    return superblocksOut;
  }

  /** Returns the bytes held from the parent. */
  synchronized long heldBytes() {
    return regions.size() * regionByteSize();
  }
}
