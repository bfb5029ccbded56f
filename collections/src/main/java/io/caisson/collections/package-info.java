/**
 * Collections whose elements live in native memory, outside the reach of the garbage collector.
 *
 * <p>A collection takes its {@link io.caisson.alloc.Allocator} when it is made, owns the blocks
 * that it allocates there, and frees them when it is closed. It belongs to one thread at a time,
 * unless its documentation says who may share it. When its allocator is exhausted it throws {@link
 * io.caisson.alloc.AllocationException} and is unchanged; after {@code close()} every access throws
 * {@link IllegalStateException}.
 */
package io.caisson.collections;
