package io.caisson.bench;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.MimallocAllocator;
import io.caisson.alloc.SlabAllocator;
import io.caisson.alloc.SystemAllocator;
import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.Objects;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** An allocator that is measured, by the name that the results have it under. */
final class Subject implements AutoCloseable {

  private final IntFunction<BlockSlots> slots;
  private final @Nullable Allocator allocator;

  private Subject(IntFunction<BlockSlots> slots, @Nullable Allocator allocator) {
    this.slots = slots;
    this.allocator = allocator;
  }

  static Subject of(String name) {
    return switch (name) {
      case "slab" -> of(slab());
      case "slab-accounted" -> of(Allocators.accounted(slab()));
      case "mimalloc" -> of(MimallocAllocator.load());
      case "mimalloc-accounted" -> of(Allocators.mimalloc());
      case "system" -> of(SystemAllocator.create());
      case "unsafe" -> of(new UnsafeMemory());
      case "lwjgl-jemalloc" -> of(new LwjglJemalloc());
      case "arena-confined" -> new Subject(ArenaSlots::new, null);
      case "netty-adaptive" -> of(new AdaptiveByteBufAllocator(true));
      case "netty-pooled" -> of(new PooledByteBufAllocator(true));
      default -> throw new IllegalArgumentException("no allocator is called " + name);
    };
  }

  private static SlabAllocator slab() {
    return SlabAllocator.builder(SystemAllocator.create()).binsUpTo(16 << 10).build();
  }

  private static Subject of(Allocator allocator) {
    return new Subject(count -> new AddressSlots(allocator, count), allocator);
  }

  private static Subject of(ByteBufAllocator allocator) {
    return new Subject(count -> new ByteBufSlots(allocator, count), null);
  }

  /** Returns the allocator itself, for one whose blocks are addresses; its owner closes it. */
  Allocator allocator() {
    return Objects.requireNonNull(allocator, "its blocks are objects");
  }

  /** Returns empty slots for this allocator's blocks. */
  BlockSlots slots(int count) {
    return slots.apply(count);
  }

  /** Returns the patterns on it; they close it. */
  AllocationPatterns patterns() {
    return allocator == null ? new SlotPatterns(this) : new AddressPatterns(allocator);
  }

  @Override
  public void close() {
    if (allocator != null) {
      allocator.close();
    }
  }
}
