package io.caisson.alloc.internal;

import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * mimalloc's functions for its default heaps, with addresses as {@code long}.
 *
 * <p>Initialise this class only after {@link MimallocLibrary#require()} has returned. Thread-safe,
 * as the functions are: they find the heap of the thread that calls, and no heap is remembered
 * here, for a virtual thread changes the one that it runs on.
 */
public final class Mimalloc {

  /*
   * As in Libc: a critical downcall saves the transitions, but keeps the thread from reaching a
   * safepoint; only a request of a size that mimalloc serves from memory that it has takes it.
   * Decision 006 has the figures.
   */
  static final long CRITICAL_LIMIT = 16 << 10;

  /**
   * The alignment in bytes of every block that is at least as large as that; a smaller one is
   * aligned to 8. So of versions 2 and 3.
   */
  public static final long NATURAL_ALIGNMENT = 16;

  /**
   * Up to this alignment in bytes, the size is rounded up to a multiple of it: mimalloc then takes
   * a block of that size class, where it would else take a larger one and search it for a place (a
   * pair in 3 to 8 ns instead of 7 to 16, and no more memory).
   */
  private static final long ROUNDED_ALIGNMENT = 4096;

  static final Linker.Option CRITICAL = Linker.Option.critical(false);
  static final FunctionDescriptor LONG_TO_LONG = FunctionDescriptor.of(JAVA_LONG, JAVA_LONG);
  static final FunctionDescriptor LONGS_TO_LONG =
      FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG);
  static final FunctionDescriptor THREE_LONGS_TO_LONG =
      FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  static final FunctionDescriptor FOUR_LONGS_TO_LONG =
      FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  static final FunctionDescriptor LONG_TO_VOID = FunctionDescriptor.ofVoid(JAVA_LONG);

  private static final MimallocLibrary LIBRARY = MimallocLibrary.require();

  private static final MethodHandle MALLOC = bind("mi_malloc", LONG_TO_LONG);
  private static final MethodHandle MALLOC_CRITICAL = bind("mi_malloc", LONG_TO_LONG, CRITICAL);
  private static final MethodHandle ZALLOC = bind("mi_zalloc", LONG_TO_LONG);
  private static final MethodHandle ZALLOC_CRITICAL = bind("mi_zalloc", LONG_TO_LONG, CRITICAL);

  // With an offset of 0, for version 2.0.9 misaligns some blocks of mi_malloc_aligned.
  private static final MethodHandle MALLOC_ALIGNED =
      bind("mi_malloc_aligned_at", THREE_LONGS_TO_LONG);
  private static final MethodHandle MALLOC_ALIGNED_CRITICAL =
      bind("mi_malloc_aligned_at", THREE_LONGS_TO_LONG, CRITICAL);
  private static final MethodHandle ZALLOC_ALIGNED =
      bind("mi_zalloc_aligned_at", THREE_LONGS_TO_LONG);
  private static final MethodHandle REALLOC_ALIGNED =
      bind("mi_realloc_aligned_at", FOUR_LONGS_TO_LONG);

  private static final MethodHandle REALLOC = bind("mi_realloc", LONGS_TO_LONG);
  private static final MethodHandle FREE = bind("mi_free", LONG_TO_VOID);
  private static final MethodHandle FREE_CRITICAL = bind("mi_free", LONG_TO_VOID, CRITICAL);
  private static final MethodHandle USABLE_SIZE = bind("mi_usable_size", LONG_TO_LONG, CRITICAL);
  private static final MethodHandle COLLECT =
      bind("mi_collect", FunctionDescriptor.ofVoid(JAVA_BOOLEAN));
  private static final MethodHandle THREAD_INIT =
      bind("mi_thread_init", FunctionDescriptor.ofVoid());
  private static final @Nullable MethodHandle STATS_JSON =
      LIBRARY.find("mi_stats_get_json").address() == Memory.NULL
          ? null
          : bind("mi_stats_get_json", LONGS_TO_LONG);

  /** The version as the library tells it: 209 is 2.0.9, 30500 is 3.5.0. */
  public static final int VERSION = askVersion();

  private Mimalloc() {}

  static MethodHandle bind(String name, FunctionDescriptor type, Linker.Option... options) {
    MemorySegment symbol = LIBRARY.find(name);
    if (symbol.address() == Memory.NULL) {
      throw new UnsupportedOperationException("the mimalloc library has no function " + name);
    }
    return Downcalls.bind(symbol, type, options);
  }

  static AssertionError unexpected(Throwable thrown) {
    return new AssertionError("a downcall threw", thrown);
  }

  private static int askVersion() {
    try {
      return (int) bind("mi_version", FunctionDescriptor.of(JAVA_INT)).invokeExact();
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /**
   * Checks that heaps can be made which any thread may use.
   *
   * @throws UnsupportedOperationException if this is version 2, where a heap is bound to the thread
   *     that made it, or an early version 3
   */
  public static void requireHeaps() {
    // A function that came with the heaps of version 3, and that they are made safe by.
    if (VERSION < 300 || LIBRARY.find("mi_heap_theap").address() == Memory.NULL) {
      throw new UnsupportedOperationException(
          "mimalloc "
              + versionText()
              + " from "
              + LIBRARY.origin()
              + " has no heaps that any thread may use; version 3.5 does");
    }
  }

  /** What to ask for; past {@link Long#MAX_VALUE} it is negative, which mimalloc refuses. */
  static long roundUp(long byteSize, long byteAlignment) {
    if (byteAlignment <= NATURAL_ALIGNMENT) {
      return Math.max(byteSize, byteAlignment);
    }
    return byteAlignment <= ROUNDED_ALIGNMENT
        ? BlockArguments.alignUp(byteSize, byteAlignment)
        : byteSize;
  }

  private static boolean isSmall(long byteSize, long byteAlignment) {
    return byteSize <= CRITICAL_LIMIT && byteAlignment <= CRITICAL_LIMIT;
  }

  /**
   * Allocates a block.
   *
   * @param byteSize the size in bytes
   * @param byteAlignment its alignment in bytes, a power of two
   * @return the address, or 0
   */
  public static long allocate(long byteSize, long byteAlignment) {
    long rounded = roundUp(byteSize, byteAlignment);
    try {
      if (byteAlignment > NATURAL_ALIGNMENT) {
        return isSmall(byteSize, byteAlignment)
            ? (long) MALLOC_ALIGNED_CRITICAL.invokeExact(rounded, byteAlignment, 0L)
            : (long) MALLOC_ALIGNED.invokeExact(rounded, byteAlignment, 0L);
      }
      return byteSize <= CRITICAL_LIMIT
          ? (long) MALLOC_CRITICAL.invokeExact(rounded)
          : (long) MALLOC.invokeExact(rounded);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /**
   * Allocates a block of zeros.
   *
   * @param byteSize the size in bytes
   * @param byteAlignment its alignment in bytes, a power of two
   * @return the address, or 0
   */
  public static long allocateZeroed(long byteSize, long byteAlignment) {
    long rounded = roundUp(byteSize, byteAlignment);
    try {
      if (byteAlignment > NATURAL_ALIGNMENT) {
        return (long) ZALLOC_ALIGNED.invokeExact(rounded, byteAlignment, 0L);
      }
      return byteSize <= CRITICAL_LIMIT
          ? (long) ZALLOC_CRITICAL.invokeExact(rounded)
          : (long) ZALLOC.invokeExact(rounded);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /**
   * Changes the size of a block, moving it if need be.
   *
   * @param address the address of the block
   * @param byteSize the size wanted in bytes
   * @param byteAlignment its alignment in bytes, a power of two
   * @return the new address, or 0, with the block unchanged
   */
  public static long reallocate(long address, long byteSize, long byteAlignment) {
    long rounded = roundUp(byteSize, byteAlignment);
    try {
      return byteAlignment > NATURAL_ALIGNMENT
          ? (long) REALLOC_ALIGNED.invokeExact(address, rounded, byteAlignment, 0L)
          : (long) REALLOC.invokeExact(address, rounded);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /**
   * Frees a block.
   *
   * @param address its address
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
   * @param address its address
   * @return its usable size in bytes, at least what was asked for
   */
  public static long usableSize(long address) {
    try {
      return (long) USABLE_SIZE.invokeExact(address);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /**
   * Gives memory that is not in use back to the system.
   *
   * @param force whether to go to any length
   */
  public static void collect(boolean force) {
    try {
      COLLECT.invokeExact(force);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Prepares the calling thread, as its first allocation would. */
  public static void threadInit() {
    try {
      THREAD_INIT.invokeExact();
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /**
   * Returns mimalloc's own statistics.
   *
   * @return one JSON object
   * @throws UnsupportedOperationException if this version gives none
   * @throws OutOfMemoryError if there is no room to write them
   */
  public static String statsJson() {
    if (STATS_JSON == null) {
      throw new UnsupportedOperationException(
          "mimalloc " + versionText() + " gives no statistics as JSON; version 3 does");
    }
    try {
      long text = (long) STATS_JSON.invokeExact(0L, Memory.NULL);
      if (text == Memory.NULL) {
        throw new OutOfMemoryError("no native memory for mimalloc's statistics");
      }
      String json = Memory.ALL.getString(text);
      FREE.invokeExact(text);
      return json;
    } catch (OutOfMemoryError e) {
      throw e;
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /**
   * Returns the version for people to read.
   *
   * @return such as 3.5.0
   */
  public static String versionText() {
    return VERSION < 1000
        ? VERSION / 100 + "." + VERSION / 10 % 10 + "." + VERSION % 10
        : VERSION / 10_000 + "." + VERSION / 100 % 100 + "." + VERSION % 100;
  }
}
