package io.caisson.alloc;

import org.jspecify.annotations.Nullable;

/**
 * A block that was not freed.
 *
 * @param allocator the name of the allocator it is from
 * @param address its address; borrowed, and valid for as long as nobody frees it
 * @param byteSize its size in bytes
 * @param byteAlignment its alignment in bytes
 * @param allocation a throwable with the stack that allocated or last moved it, or null at {@link
 *     LeakLevel#SIMPLE}
 */
public record Leak(
    String allocator,
    @Borrowed long address,
    long byteSize,
    long byteAlignment,
    @Nullable Throwable allocation) {}
