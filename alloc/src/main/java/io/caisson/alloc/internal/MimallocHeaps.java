package io.caisson.alloc.internal;

import static io.caisson.alloc.internal.Mimalloc.CRITICAL;
import static io.caisson.alloc.internal.Mimalloc.CRITICAL_LIMIT;
import static io.caisson.alloc.internal.Mimalloc.FOUR_LONGS_TO_LONG;
import static io.caisson.alloc.internal.Mimalloc.LONGS_TO_LONG;
import static io.caisson.alloc.internal.Mimalloc.LONG_TO_LONG;
import static io.caisson.alloc.internal.Mimalloc.LONG_TO_VOID;
import static io.caisson.alloc.internal.Mimalloc.NATURAL_ALIGNMENT;
import static io.caisson.alloc.internal.Mimalloc.bind;
import static io.caisson.alloc.internal.Mimalloc.unexpected;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/**
 * mimalloc's functions for heaps that are made and destroyed, with addresses as {@code long}.
 *
 * <p>Initialise this class only after {@link Mimalloc#requireHeaps()}. Thread-safe, save that
 * nobody may use a heap that is being destroyed. Blocks are freed as those of the default heaps
 * are.
 */
public final class MimallocHeaps {

  /*
   * The perch. A heap has a part for each thread that allocates from it, and version 3.5.0 keeps in
   * a thread-local variable the part that the thread used last. When another thread destroys the
   * heap, that part is freed but the variable stays; should the thread next use a heap that was made
   * at the same address, it takes the freed part for that one's and crashes. So each call here that
   * makes a thread remember a part makes it then remember that of a heap that is never destroyed:
   * mi_heap_theap does nothing else. Between the two calls a virtual thread does not change its
   * carrier, for there is no point in between at which it could be unmounted.
   * The price is some 40 ns, for each call then has to look its part up.
   */

  private static final FunctionDescriptor FIVE_LONGS_TO_LONG =
      FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

  private static final MethodHandle NEW = bind("mi_heap_new", FunctionDescriptor.of(JAVA_LONG));
  private static final MethodHandle PART_OF_THREAD = bind("mi_heap_theap", LONG_TO_LONG, CRITICAL);
  private static final MethodHandle DESTROY = bind("mi_heap_destroy", LONG_TO_VOID);
  private static final MethodHandle MALLOC = bind("mi_heap_malloc", LONGS_TO_LONG);
  private static final MethodHandle MALLOC_CRITICAL =
      bind("mi_heap_malloc", LONGS_TO_LONG, CRITICAL);
  private static final MethodHandle ZALLOC = bind("mi_heap_zalloc", LONGS_TO_LONG);
  private static final MethodHandle MALLOC_ALIGNED =
      bind("mi_heap_malloc_aligned_at", FOUR_LONGS_TO_LONG);
  private static final MethodHandle ZALLOC_ALIGNED =
      bind("mi_heap_zalloc_aligned_at", FOUR_LONGS_TO_LONG);
  private static final MethodHandle REALLOC = bind("mi_heap_realloc", Mimalloc.THREE_LONGS_TO_LONG);
  private static final MethodHandle REALLOC_ALIGNED =
      bind("mi_heap_realloc_aligned_at", FIVE_LONGS_TO_LONG);

  /** The heap that is never destroyed, or 0 while there was no memory for it. */
  private static final long PERCH = newHeap();

  private MimallocHeaps() {}

  private static long newHeap() {
    try {
      return (long) NEW.invokeExact();
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Makes the calling thread forget the heap that it used last. */
  private static void perch() throws Throwable {
    long ignored = (long) PART_OF_THREAD.invokeExact(PERCH);
  }

  /**
   * Makes a heap.
   *
   * @return its address, or 0
   */
  public static long create() {
    return PERCH == Memory.NULL ? Memory.NULL : newHeap();
  }

  /**
   * Destroys a heap with every block in it.
   *
   * @param heap its address
   */
  public static void destroy(long heap) {
    try {
      DESTROY.invokeExact(heap);
      perch();
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /**
   * Allocates a block.
   *
   * @param heap the address of the heap
   * @param byteSize the size in bytes
   * @param byteAlignment its alignment in bytes, a power of two
   * @return the address, or 0
   */
  public static long allocate(long heap, long byteSize, long byteAlignment) {
    long rounded = Mimalloc.roundUp(byteSize, byteAlignment);
    try {
      long address;
      if (byteAlignment > NATURAL_ALIGNMENT) {
        address = (long) MALLOC_ALIGNED.invokeExact(heap, rounded, byteAlignment, 0L);
      } else if (byteSize <= CRITICAL_LIMIT) {
        address = (long) MALLOC_CRITICAL.invokeExact(heap, rounded);
      } else {
        address = (long) MALLOC.invokeExact(heap, rounded);
      }
      perch();
      return address;
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /**
   * Allocates a block of zeros.
   *
   * @param heap the address of the heap
   * @param byteSize the size in bytes
   * @param byteAlignment its alignment in bytes, a power of two
   * @return the address, or 0
   */
  public static long allocateZeroed(long heap, long byteSize, long byteAlignment) {
    long rounded = Mimalloc.roundUp(byteSize, byteAlignment);
    try {
      long address =
          byteAlignment > NATURAL_ALIGNMENT
              ? (long) ZALLOC_ALIGNED.invokeExact(heap, rounded, byteAlignment, 0L)
              : (long) ZALLOC.invokeExact(heap, rounded);
      perch();
      return address;
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /**
   * Changes the size of a block, moving it within the heap if need be.
   *
   * @param heap the address of the heap that it is in
   * @param address the address of the block
   * @param byteSize the size wanted in bytes
   * @param byteAlignment its alignment in bytes, a power of two
   * @return the new address, or 0, with the block unchanged
   */
  public static long reallocate(long heap, long address, long byteSize, long byteAlignment) {
    long rounded = Mimalloc.roundUp(byteSize, byteAlignment);
    try {
      long moved =
          byteAlignment > NATURAL_ALIGNMENT
              ? (long) REALLOC_ALIGNED.invokeExact(heap, address, rounded, byteAlignment, 0L)
              : (long) REALLOC.invokeExact(heap, address, rounded);
      perch();
      return moved;
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }
}
