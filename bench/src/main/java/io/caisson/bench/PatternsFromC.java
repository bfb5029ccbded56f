package io.caisson.bench;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.caisson.alloc.internal.MimallocLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * The patterns on mimalloc from C, over the library that {@code MimallocAllocator} uses. A call
 * runs a whole loop.
 */
final class PatternsFromC implements AllocationPatterns {

  private final MethodHandle pair;
  private final MethodHandle random;
  private final MethodHandle bulk;
  private final MethodHandle handOver;
  private final MethodHandle stop;

  PatternsFromC() {
    SymbolLookup patterns = SymbolLookup.libraryLookup(new CPatterns().library(), Arena.global());
    pair = bind(patterns, "pair", FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG, JAVA_LONG));
    random = bind(patterns, "random_sizes", FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG));
    bulk = bind(patterns, "bulk", FunctionDescriptor.ofVoid(JAVA_LONG));
    handOver = bind(patterns, "hand_over", FunctionDescriptor.ofVoid(JAVA_LONG));
    stop = bind(patterns, "stop", FunctionDescriptor.ofVoid());
    MethodHandle start =
        bind(patterns, "start", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, ADDRESS));
    MimallocLibrary library = MimallocLibrary.require();
    MemorySegment allocate = library.find("mi_malloc");
    MemorySegment allocateAligned = library.find("mi_malloc_aligned");
    MemorySegment free = library.find("mi_free");
    try {
      start.invokeExact(allocate, allocateAligned, free);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static MethodHandle bind(SymbolLookup lookup, String name, FunctionDescriptor type) {
    return Linker.nativeLinker().downcallHandle(lookup.findOrThrow(name), type);
  }

  @Override
  public void pair(int steps, long byteSize, long byteAlignment) {
    try {
      pair.invokeExact((long) steps, byteSize, byteAlignment);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void random(int steps, long maxByteSize) {
    try {
      random.invokeExact((long) steps, maxByteSize);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void bulk(long byteSize) {
    try {
      bulk.invokeExact(byteSize);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void handOver(long byteSize) {
    try {
      handOver.invokeExact(byteSize);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    try {
      stop.invokeExact();
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
