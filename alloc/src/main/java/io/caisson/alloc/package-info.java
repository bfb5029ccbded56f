/**
 * Allocators: the interface that every collection is built on, its implementations, and what wraps
 * them.
 *
 * <p>An {@link io.caisson.alloc.Allocator} hands out blocks of native memory by address. It answers
 * {@code NULL} when it is exhausted and nothing else; a misuse is an exception. Get one from {@link
 * io.caisson.alloc.Allocators}, or build one over another.
 *
 * <p>Who frees what is part of every signature: {@link io.caisson.alloc.Owned}, {@link
 * io.caisson.alloc.Borrowed}, {@link io.caisson.alloc.View}. {@link io.caisson.alloc.OwnedBlock}
 * holds one block, {@link io.caisson.alloc.RefCounted} shares one thing, and {@link
 * io.caisson.alloc.CleanupStack} undoes what a method has done when it fails half way.
 */
package io.caisson.alloc;
