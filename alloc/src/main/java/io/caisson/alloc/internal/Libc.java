package io.caisson.alloc.internal;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * The C library's allocation functions, with addresses as {@code long}.
 *
 * <p>Initialise this class only after {@link Memory#requireNativeAccess()}. Thread-safe, as the
 * functions are.
 */
public final class Libc {

  /*
   * A critical downcall skips the thread's state transitions, about 3 ns of a 9 ns pair, but keeps
   * the thread from reaching a safepoint meanwhile. Small requests take it; a large one may map,
   * unmap or zero many OS pages and takes the ordinary one. The size is always known, for free is
   * sized.
   */
  private static final long CRITICAL_LIMIT = 64 << 10;

  /** The alignment in bytes that malloc gives every block. */
  public static final long MALLOC_ALIGNMENT = 16;

  /** The size in bytes of a huge OS page on the platforms that have one. */
  public static final long HUGE_PAGE_SIZE = 2 << 20;

  private static final int MADV_HUGEPAGE = 14;

  private static final Linker.Option CRITICAL = Linker.Option.critical(false);
  private static final FunctionDescriptor LONG_TO_LONG =
      FunctionDescriptor.of(JAVA_LONG, JAVA_LONG);
  private static final FunctionDescriptor LONGS_TO_LONG =
      FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final FunctionDescriptor LONG_TO_VOID = FunctionDescriptor.ofVoid(JAVA_LONG);

  private static final MethodHandle MALLOC = bind("malloc", LONG_TO_LONG);
  private static final MethodHandle MALLOC_CRITICAL = bind("malloc", LONG_TO_LONG, CRITICAL);
  private static final MethodHandle CALLOC = bind("calloc", LONGS_TO_LONG);
  private static final MethodHandle CALLOC_CRITICAL = bind("calloc", LONGS_TO_LONG, CRITICAL);
  private static final MethodHandle FREE = bind("free", LONG_TO_VOID);
  private static final MethodHandle FREE_CRITICAL = bind("free", LONG_TO_VOID, CRITICAL);
  private static final MethodHandle REALLOC = bind("realloc", LONGS_TO_LONG);
  private static final MethodHandle ALIGNED_ALLOC = bind("aligned_alloc", LONGS_TO_LONG);
  private static final @Nullable MethodHandle USABLE_SIZE = bindUsableSize();
  private static final @Nullable MethodHandle MADVISE = bindMadvise();

  private Libc() {}

  private static MethodHandle bind(String name, FunctionDescriptor type, Linker.Option... options) {
    MemorySegment symbol = Downcalls.find(name);
    if (symbol.address() == Memory.NULL) {
      throw new UnsupportedOperationException("the C library of this platform has no " + name);
    }
    return Downcalls.bind(symbol, type, options);
  }

  private static @Nullable MethodHandle bindUsableSize() {
    for (String name : new String[] {"malloc_usable_size", "malloc_size"}) {
      MemorySegment symbol = Downcalls.find(name);
      if (symbol.address() != Memory.NULL) {
        return Downcalls.bind(symbol, LONG_TO_LONG, CRITICAL);
      }
    }
    return null;
  }

  private static @Nullable MethodHandle bindMadvise() {
    return System.getProperty("os.name").equals("Linux")
        ? bind("madvise", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT))
        : null;
  }

  private static AssertionError unexpected(Throwable thrown) {
    return new AssertionError("a downcall threw", thrown);
  }

  /**
   * Calls {@code malloc}.
   *
   * @param byteSize the size in bytes
   * @return the address, or 0
   */
  public static long malloc(long byteSize) {
    try {
      return byteSize <= CRITICAL_LIMIT
          ? (long) MALLOC_CRITICAL.invokeExact(byteSize)
          : (long) MALLOC.invokeExact(byteSize);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /**
   * Calls {@code calloc} for one element.
   *
   * @param byteSize the size in bytes
   * @return the address, or 0
   */
  public static long calloc(long byteSize) {
    try {
      return byteSize <= CRITICAL_LIMIT
          ? (long) CALLOC_CRITICAL.invokeExact(1L, byteSize)
          : (long) CALLOC.invokeExact(1L, byteSize);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /**
   * Calls {@code aligned_alloc}, with the size rounded up to the multiple that C11 asks for.
   *
   * @param byteSize the size in bytes
   * @param byteAlignment the alignment in bytes, at least 8
   * @return the address, or 0
   */
  public static long alignedAlloc(long byteSize, long byteAlignment) {
    long rounded = BlockArguments.alignUp(byteSize, byteAlignment);
    if (rounded < 0) {
      return Memory.NULL;
    }
    try {
      return (long) ALIGNED_ALLOC.invokeExact(byteAlignment, rounded);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /**
   * Calls {@code realloc}.
   *
   * @param address the address of a block from malloc
   * @param byteSize the size wanted in bytes
   * @return the address, or 0
   */
  public static long realloc(long address, long byteSize) {
    try {
      return (long) REALLOC.invokeExact(address, byteSize);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /**
   * Calls {@code free}.
   *
   * @param address the address of a block
   * @param byteSize its size in bytes, which chooses the kind of call
   */
  public static void free(long address, long byteSize) {
    try {
      if (byteSize <= CRITICAL_LIMIT) {
        FREE_CRITICAL.invokeExact(address);
      } else {
        FREE.invokeExact(address);
      }
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /**
   * Returns how many bytes a block really has.
   *
   * @param address the address of a block
   * @return its usable size in bytes, or 0 where the C library does not tell
   */
  public static long usableSize(long address) {
    if (USABLE_SIZE == null) {
      return 0;
    }
    try {
      return (long) USABLE_SIZE.invokeExact(address);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /**
   * Asks the kernel to back a range with huge OS pages; a refusal is harmless and ignored.
   *
   * @param address the start of the range, aligned to {@link #HUGE_PAGE_SIZE}
   * @param byteSize its size in bytes
   */
  public static void adviseHugePages(long address, long byteSize) {
    if (MADVISE == null) {
      return;
    }
    try {
      int ignored = (int) MADVISE.invokeExact(address, byteSize, MADV_HUGEPAGE);
      assert ignored == 0 || ignored == -1;
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }
}
