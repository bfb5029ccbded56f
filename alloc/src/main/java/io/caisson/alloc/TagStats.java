package io.caisson.alloc;

/**
 * What was allocated under one tag so far, without the tags below it.
 *
 * @param path the tag
 * @param memory what is out, the peak, totals and failures, as for an {@link AccountedAllocator}
 * @param sizes the sizes that were asked for and given, those of reallocated blocks too
 * @param growths what arenas took from allocators of this tag as they grew, sampled
 * @param operations how many operations have ended
 * @param lastOperationPeak the most that was out of the last of them at a time, in bytes
 * @param highestOperationPeak the most that was out of any of them at a time, in bytes
 */
public record TagStats(
    String path,
    AllocatorStats memory,
    SizeHistogram sizes,
    SizeHistogram growths,
    long operations,
    long lastOperationPeak,
    long highestOperationPeak) {}
