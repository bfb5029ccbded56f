package io.caisson.alloc;

/** What a pool does when all its blocks are out. */
public enum PoolPolicy {
  /** It has one chunk, taken when it is made, and answers {@code NULL} when that is out. */
  FIXED,

  /** It takes another chunk of the same size, the first one on first use. */
  GROW
}
