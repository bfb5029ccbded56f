package io.caisson.bench;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.MimallocAllocator;
import io.caisson.alloc.SlabAllocator;
import io.caisson.alloc.SystemAllocator;
import io.caisson.alloc.internal.Memory;
import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Field;
import sun.misc.Unsafe;

/** An allocator as the patterns see it: a block is whatever it takes to free it. */
interface BenchAllocator<B> extends AutoCloseable {

  B allocate(long byteSize);

  void touch(B block);

  void free(B block, long byteSize);

  @Override
  void close();

  static BenchAllocator<?> of(String implementation) {
    return switch (implementation) {
      case "slab" -> new Caisson(new SlabAllocator(SystemAllocator.create()));
      case "slab-8k" ->
          new Caisson(SlabAllocator.builder(SystemAllocator.create()).binsUpTo(8192).build());
      case "slab-8k-accounted" ->
          new Caisson(
              Allocators.accounted(
                  SlabAllocator.builder(SystemAllocator.create()).binsUpTo(8192).build()));
      case "mimalloc" -> new Caisson(MimallocAllocator.load());
      case "mimalloc-accounted" -> new Caisson(Allocators.mimalloc());
      case "system" -> new Caisson(SystemAllocator.create());
      case "system-accounted" -> new Caisson(Allocators.system());
      case "confined-arena" -> new ConfinedArena();
      case "unsafe" -> new UnsafeMemory();
      case "netty-adaptive" -> new Netty(new AdaptiveByteBufAllocator(true));
      case "netty-pooled" -> new Netty(new PooledByteBufAllocator(true));
      default -> throw new IllegalArgumentException("no allocator is called " + implementation);
    };
  }

  /** One of ours; a block is its address, in a box that escape analysis removes. */
  record Caisson(Allocator allocator) implements BenchAllocator<Long> {
    @Override
    public Long allocate(long byteSize) {
      return allocator.allocate(byteSize, 8);
    }

    @Override
    public void touch(Long block) {
      Memory.putByte(block, (byte) 1);
    }

    @Override
    public void free(Long block, long byteSize) {
      allocator.free(block, byteSize, 8);
    }

    @Override
    public void close() {
      allocator.close();
    }
  }

  /** An arena of the JDK's for each block. */
  record ConfinedArena() implements BenchAllocator<ConfinedArena.Block> {
    record Block(Arena arena, MemorySegment segment) {}

    @Override
    public Block allocate(long byteSize) {
      Arena arena = Arena.ofConfined();
      return new Block(arena, arena.allocate(byteSize, 8));
    }

    @Override
    public void touch(Block block) {
      block.segment().set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
    }

    @Override
    public void free(Block block, long byteSize) {
      block.arena().close();
    }

    @Override
    public void close() {}
  }

  /** Unsafe.allocateMemory. */
  record UnsafeMemory() implements BenchAllocator<Long> {
    private static final Unsafe UNSAFE = unsafe();

    private static Unsafe unsafe() {
      try {
        Field field = Unsafe.class.getDeclaredField("theUnsafe");
        field.setAccessible(true);
        return (Unsafe) field.get(null);
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    @Override
    public Long allocate(long byteSize) {
      return UNSAFE.allocateMemory(byteSize);
    }

    @Override
    public void touch(Long block) {
      UNSAFE.putByte(block, (byte) 1);
    }

    @Override
    public void free(Long block, long byteSize) {
      UNSAFE.freeMemory(block);
    }

    @Override
    public void close() {}
  }

  /** Netty's direct buffers. */
  record Netty(ByteBufAllocator allocator) implements BenchAllocator<ByteBuf> {
    @Override
    public ByteBuf allocate(long byteSize) {
      return allocator.directBuffer((int) byteSize);
    }

    @Override
    public void touch(ByteBuf block) {
      block.setByte(0, 1);
    }

    @Override
    public void free(ByteBuf block, long byteSize) {
      block.release();
    }

    @Override
    public void close() {}
  }
}
