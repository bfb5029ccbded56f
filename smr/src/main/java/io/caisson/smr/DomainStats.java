package io.caisson.smr;

/**
 * What a {@link ReclamationDomain} did and holds, at one moment; each figure is read on its own, so
 * while others work they may be off by what happened meanwhile.
 *
 * @param name the name of the domain
 * @param closed whether it is closed
 * @param epoch the epoch, or the last one if it is closed
 * @param pinnedSlots guards pinned in slots
 * @param pinnedInCounters guards pinned when no slot was free
 * @param oldestPinLag by how many steps the oldest pin in a slot is behind the epoch; 0 or 1, but
 *     for one that had read the epoch some time before it claimed its slot
 * @param oldestPinNanos for how long some pin was seen to hold the epoch back, in nanoseconds; it
 *     is counted from when somebody first tried to go on
 * @param garbageBlocks blocks that are retired and not yet freed
 * @param garbageBytes the bytes of these
 * @param chargedBytes bytes in limbo or reserved, what the limits are about
 * @param retiredBlocks all blocks ever retired
 * @param retiredBytes the bytes of these
 * @param freedBlocks all blocks ever freed
 * @param freedBytes the bytes of these
 * @param refused operations that were refused for want of room
 * @param beyondHardLimit operations that went beyond the hard limit, by policy
 * @param failedFrees blocks that their allocators threw at when they were given back
 * @param leakedGuards guards that nobody closed, found in checked memory mode only
 */
public record DomainStats(
    String name,
    boolean closed,
    long epoch,
    int pinnedSlots,
    long pinnedInCounters,
    long oldestPinLag,
    long oldestPinNanos,
    long garbageBlocks,
    long garbageBytes,
    long chargedBytes,
    long retiredBlocks,
    long retiredBytes,
    long freedBlocks,
    long freedBytes,
    long refused,
    long beyondHardLimit,
    long failedFrees,
    long leakedGuards) {}
