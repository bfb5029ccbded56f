package io.caisson.stress;

/** Blocks of one size for several threads: the real pool, or one that is broken on purpose. */
public interface FreeList extends AutoCloseable {

  /** Takes a block, and returns its address or 0. */
  long allocate();

  /** Gives a block back. */
  void free(long block);

  /** Gives the memory back, whatever is out. */
  @Override
  void close();
}
