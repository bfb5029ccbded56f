package io.caisson.alloc;

/**
 * What a pool has in hand.
 *
 * @param totalBlocks the blocks of all its chunks
 * @param freeBlocks those that can be handed out without another chunk
 * @param liveBlocks those that are out
 * @param chunks the chunks taken from the parent
 * @param passedOn the blocks that are out and came from the parent one by one, because they are
 *     larger, or aligned to more, than a block of the pool
 */
public record PoolStats(
    long totalBlocks, long freeBlocks, long liveBlocks, int chunks, int passedOn) {}
