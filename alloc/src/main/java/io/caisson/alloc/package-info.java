/**
 * Allocators: the interface that every collection is built on, its implementations, and what wraps
 * them.
 *
 * <p>An {@link io.caisson.alloc.Allocator} hands out blocks of native memory by address. It answers
 * {@code NULL} when it is exhausted and nothing else; a misuse is an exception. Get one from {@link
 * io.caisson.alloc.Allocators}, or build one over another.
 */
package io.caisson.alloc;
