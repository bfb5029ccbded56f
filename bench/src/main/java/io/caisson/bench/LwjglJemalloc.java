package io.caisson.bench;

import org.lwjgl.system.jemalloc.JEmalloc;

/** jemalloc, called as LWJGL calls it. */
final class LwjglJemalloc implements PeerAllocator {

  private static final long NATURAL_ALIGNMENT = 16;

  @Override
  public long allocate(long byteSize, long byteAlignment) {
    return byteAlignment <= NATURAL_ALIGNMENT
        ? JEmalloc.nje_malloc(byteSize)
        : JEmalloc.nje_aligned_alloc(byteAlignment, byteSize);
  }

  @Override
  public void free(long address, long byteSize, long byteAlignment) {
    JEmalloc.nje_free(address);
  }

  @Override
  public String name() {
    return "lwjgl-jemalloc";
  }
}
