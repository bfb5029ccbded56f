package io.caisson.alloc.internal;

import io.caisson.alloc.CheckedMemoryException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes native memory by absolute address: the only class that does.
 *
 * <p>An address is a {@code long}; {@link #NULL} is 0. The name of an accessor says its ordering in
 * the words of {@link VarHandle}; one that says nothing is plain and needs no alignment, all others
 * need the natural alignment of what they access. In {@link MemoryMode#NATIVE} mode nothing is
 * checked. In {@link MemoryMode#CHECKED} mode every access must lie inside one live block, else it
 * throws {@link CheckedMemoryException}; so it must in {@link MemoryMode#SIMULATED} mode, where
 * memory is on the Java heap and all orderings are volatile.
 *
 * <p>Thread-safe in so far as its callers order their accesses; no method blocks or allocates on
 * the Java heap, save to throw.
 */
public final class Memory {

  /*
   * Purpose. One address space, one class, static accessors. C2 folds CHECKED and ALL, so an access
   * compiles to one instruction: the bounds check against Long.MAX_VALUE is a sign test that it
   * drops for addresses it knows to be positive.
   *
   * Modes. INDIRECT is a static final switch in front of each access, which costs nothing when it is
   * off. What is behind it is small, for the size of an accessor decides where C1 and C2 inline it.
   * In simulated mode ALL is empty, so that an access that forgot the switch cannot pass unseen.
   *
   * Native access. reinterpret is a restricted method. It runs in the holder Root, so that a denial
   * leaves this class usable: requireNativeAccess() then throws the same exception every time, where
   * a failed static initialiser would throw NoClassDefFoundError from the second use on.
   */

  /** The address of nothing. */
  public static final long NULL = 0L;

  /** The mode of this JVM. */
  public static final MemoryMode MODE = mode();

  /**
   * Whether memory is simulated, for a model checker: then nothing may depend on the identity of a
   * thread.
   */
  public static final boolean SIMULATED = MODE == MemoryMode.SIMULATED;

  private static final boolean CHECKED = MODE == MemoryMode.CHECKED;

  /** Whether an access is anything else than an access to native memory. */
  private static final boolean INDIRECT = CHECKED || SIMULATED;

  /** Every address, for this package alone. */
  static final MemorySegment ALL = Root.ALL;

  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED;
  private static final ValueLayout.OfLong LITTLE_ENDIAN_LONG =
      LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle ALIGNED_LONG = ValueLayout.JAVA_LONG.varHandle();

  private Memory() {}

  private static MemoryMode mode() {
    String setting = MemoryMode.SETTING.text();
    return setting == null ? MemoryMode.NATIVE : MemoryMode.parse(setting);
  }

  /** Makes the one restricted call of this class, and remembers a refusal instead of throwing. */
  private static final class Root {
    static final MemorySegment ALL;
    static final @Nullable IllegalCallerException DENIED;

    static {
      MemorySegment all = MemorySegment.NULL;
      IllegalCallerException denied = null;
      try {
        all = everything();
      } catch (IllegalCallerException e) {
        denied = e;
      }
      ALL = all;
      DENIED = denied;
    }

    private Root() {}

    /**
     * Returns the segment over every address. In checked mode it has a scope of its own, never
     * closed, by which addressOf tells the segments given out here from the caller's.
     */
    @SuppressWarnings("restricted")
    static MemorySegment everything() {
      if (SIMULATED) {
        return MemorySegment.NULL;
      }
      return CHECKED
          ? MemorySegment.NULL.reinterpret(Long.MAX_VALUE, Arena.ofShared(), null)
          : MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    }
  }

  /**
   * Checks that this JVM lets the library reach native memory.
   *
   * @throws IllegalStateException if native access is denied; the message names the flag to add
   * @throws UnsupportedOperationException in simulated mode
   */
  public static void requireNativeAccess() {
    if (SIMULATED) {
      throw SimulatedMemory.unsupported("native memory");
    }
    if (Root.DENIED != null) {
      throw new IllegalStateException(
          "Native access is denied to "
              + describe(Memory.class.getModule())
              + ". Start the JVM with --enable-native-access="
              + (Memory.class.getModule().isNamed() ? "io.caisson.alloc" : "ALL-UNNAMED")
              + ".",
          Root.DENIED);
    }
  }

  private static String describe(Module module) {
    return module.isNamed() ? "module " + module.getName() : "the class path";
  }

  /**
   * Checks an access in checked mode; says whether memory is simulated, which checks by itself.
   *
   * @throws CheckedMemoryException in checked mode, if the access is not inside one live block
   */
  private static boolean isSimulated(long address, int byteSize) {
    if (CHECKED) {
      BlockMap.check(address, byteSize);
    }
    return SIMULATED;
  }

  /** The same for any number of bytes; none may be anywhere. */
  private static boolean isRangeSimulated(long address, long byteSize) {
    if (CHECKED && byteSize != 0) {
      BlockMap.check(address, byteSize);
    }
    return SIMULATED;
  }

  private static boolean areRangesSimulated(long a, long b, long byteSize) {
    if (CHECKED) {
      BlockMap.check(a, byteSize);
      BlockMap.check(b, byteSize);
    }
    return SIMULATED;
  }

  // ---- plain access ---------------------------------------------------------------------------

  /**
   * Reads a byte.
   *
   * @param address where it is
   * @return the byte
   */
  public static byte getByte(long address) {
    if (INDIRECT && isSimulated(address, Byte.BYTES)) {
      return SimulatedMemory.getByte(address);
    }
    return ALL.get(BYTE, address);
  }

  /**
   * Writes a byte.
   *
   * @param address where it goes
   * @param value the byte
   */
  public static void putByte(long address, byte value) {
    if (INDIRECT && isSimulated(address, Byte.BYTES)) {
      SimulatedMemory.putByte(address, value);
      return;
    }
    ALL.set(BYTE, address, value);
  }

  /**
   * Reads a short in native byte order.
   *
   * @param address where it is; any alignment
   * @return the short
   */
  public static short getShort(long address) {
    if (INDIRECT && isSimulated(address, Short.BYTES)) {
      return SimulatedMemory.getShort(address);
    }
    return ALL.get(SHORT, address);
  }

  /**
   * Writes a short in native byte order.
   *
   * @param address where it goes; any alignment
   * @param value the short
   */
  public static void putShort(long address, short value) {
    if (INDIRECT && isSimulated(address, Short.BYTES)) {
      SimulatedMemory.putShort(address, value);
      return;
    }
    ALL.set(SHORT, address, value);
  }

  /**
   * Reads an int in native byte order.
   *
   * @param address where it is; any alignment
   * @return the int
   */
  public static int getInt(long address) {
    if (INDIRECT && isSimulated(address, Integer.BYTES)) {
      return SimulatedMemory.getInt(address);
    }
    return ALL.get(INT, address);
  }

  /**
   * Writes an int in native byte order.
   *
   * @param address where it goes; any alignment
   * @param value the int
   */
  public static void putInt(long address, int value) {
    if (INDIRECT && isSimulated(address, Integer.BYTES)) {
      SimulatedMemory.putInt(address, value);
      return;
    }
    ALL.set(INT, address, value);
  }

  /**
   * Reads a long in native byte order.
   *
   * @param address where it is; any alignment
   * @return the long
   */
  public static long getLong(long address) {
    if (INDIRECT && isSimulated(address, Long.BYTES)) {
      return SimulatedMemory.getLong(address);
    }
    return ALL.get(LONG, address);
  }

  /**
   * Writes a long in native byte order.
   *
   * @param address where it goes; any alignment
   * @param value the long
   */
  public static void putLong(long address, long value) {
    if (INDIRECT && isSimulated(address, Long.BYTES)) {
      SimulatedMemory.putLong(address, value);
      return;
    }
    ALL.set(LONG, address, value);
  }

  /**
   * Reads a long whose lowest byte is at the lowest address, whatever the platform's order.
   *
   * @param address where it is; any alignment
   * @return the long
   */
  public static long getLongLittleEndian(long address) {
    if (INDIRECT && isSimulated(address, Long.BYTES)) {
      return SimulatedMemory.getLong(address);
    }
    return ALL.get(LITTLE_ENDIAN_LONG, address);
  }

  /**
   * Writes a long so that its lowest byte is at the lowest address, whatever the platform's order.
   *
   * @param address where it goes; any alignment
   * @param value the long
   */
  public static void putLongLittleEndian(long address, long value) {
    if (INDIRECT && isSimulated(address, Long.BYTES)) {
      SimulatedMemory.putLong(address, value);
      return;
    }
    ALL.set(LITTLE_ENDIAN_LONG, address, value);
  }

  /**
   * Reads a double in native byte order.
   *
   * @param address where it is; any alignment
   * @return the double
   */
  public static double getDouble(long address) {
    if (INDIRECT && isSimulated(address, Double.BYTES)) {
      return SimulatedMemory.getDouble(address);
    }
    return ALL.get(DOUBLE, address);
  }

  /**
   * Writes a double in native byte order.
   *
   * @param address where it goes; any alignment
   * @param value the double
   */
  public static void putDouble(long address, double value) {
    if (INDIRECT && isSimulated(address, Double.BYTES)) {
      SimulatedMemory.putDouble(address, value);
      return;
    }
    ALL.set(DOUBLE, address, value);
  }

  // ---- ordered access -------------------------------------------------------------------------

  /**
   * Reads a long with acquire semantics.
   *
   * @param address where it is, aligned to 8
   * @return the long
   */
  public static long getLongAcquire(long address) {
    if (INDIRECT && isSimulated(address, Long.BYTES)) {
      return SimulatedMemory.getLongAligned(address);
    }
    return (long) ALIGNED_LONG.getAcquire(ALL, address);
  }

  /**
   * Writes a long with release semantics.
   *
   * @param address where it goes, aligned to 8
   * @param value the long
   */
  public static void putLongRelease(long address, long value) {
    if (INDIRECT && isSimulated(address, Long.BYTES)) {
      SimulatedMemory.putLongAligned(address, value);
      return;
    }
    ALIGNED_LONG.setRelease(ALL, address, value);
  }

  /**
   * Replaces a long if it is the expected one, with volatile semantics.
   *
   * @param address where it is, aligned to 8
   * @param expected what it must be
   * @param value what it becomes
   * @return whether it was replaced
   */
  public static boolean compareAndSetLong(long address, long expected, long value) {
    if (INDIRECT && isSimulated(address, Long.BYTES)) {
      return SimulatedMemory.compareAndSetLong(address, expected, value);
    }
    return ALIGNED_LONG.compareAndSet(ALL, address, expected, value);
  }

  // ---- bulk access ----------------------------------------------------------------------------

  /**
   * Copies bytes from one place to another; the two may overlap.
   *
   * @param source where the bytes are
   * @param destination where they go
   * @param byteSize how many; 0 touches nothing
   */
  public static void copy(long source, long destination, long byteSize) {
    if (byteSize == 0) {
      return;
    }
    if (INDIRECT && areRangesSimulated(source, destination, byteSize)) {
      SimulatedBulk.copy(source, destination, byteSize);
      return;
    }
    MemorySegment.copy(ALL, source, ALL, destination, byteSize);
  }

  /**
   * Copies bytes in from a segment, on the heap or off it.
   *
   * @param source the segment
   * @param sourceOffset where in it the bytes start
   * @param destination where they go
   * @param byteSize how many; 0 touches nothing
   * @throws IndexOutOfBoundsException if the range is not inside the segment
   */
  public static void copyFrom(
      MemorySegment source, long sourceOffset, long destination, long byteSize) {
    if (INDIRECT && isRangeSimulated(destination, byteSize)) {
      SimulatedBulk.copyFrom(source, sourceOffset, destination, byteSize);
      return;
    }
    MemorySegment.copy(source, sourceOffset, ALL, destination, byteSize);
  }

  /**
   * Copies bytes out to a segment, on the heap or off it.
   *
   * @param source where the bytes are
   * @param destination the segment
   * @param destinationOffset where in it they go
   * @param byteSize how many; 0 touches nothing
   * @throws IndexOutOfBoundsException if the range is not inside the segment
   */
  public static void copyTo(
      long source, MemorySegment destination, long destinationOffset, long byteSize) {
    if (INDIRECT && isRangeSimulated(source, byteSize)) {
      SimulatedBulk.copyTo(source, destination, destinationOffset, byteSize);
      return;
    }
    MemorySegment.copy(ALL, source, destination, destinationOffset, byteSize);
  }

  /**
   * Sets every byte of a range.
   *
   * @param address where the range starts
   * @param byteSize its size; 0 touches nothing
   * @param value what each byte becomes
   */
  public static void fill(long address, long byteSize, byte value) {
    if (byteSize == 0) {
      return;
    }
    if (INDIRECT && isRangeSimulated(address, byteSize)) {
      SimulatedBulk.fill(address, byteSize, value);
      return;
    }
    ALL.asSlice(address, byteSize).fill(value);
  }

  /**
   * Compares two ranges of one size.
   *
   * @param a where the one starts
   * @param b where the other starts
   * @param byteSize the size of each
   * @return the offset of the first byte that differs, or -1 if none does
   */
  public static long mismatch(long a, long b, long byteSize) {
    if (byteSize == 0) {
      return -1;
    }
    if (INDIRECT && areRangesSimulated(a, b, byteSize)) {
      return SimulatedBulk.mismatch(a, b, byteSize);
    }
    return MemorySegment.mismatch(ALL, a, a + byteSize, ALL, b, b + byteSize);
  }

  /**
   * Returns a segment over a range, for loops and for users of {@code java.lang.foreign}.
   *
   * <p>Its scope is always alive: the JDK guards its bounds, nobody guards its lifetime.
   *
   * @param address where the range starts
   * @param byteSize its size
   * @return the segment
   * @throws UnsupportedOperationException in simulated mode
   */
  public static MemorySegment segment(long address, long byteSize) {
    if (SIMULATED) {
      throw SimulatedMemory.unsupported("a segment over native memory");
    }
    if (CHECKED && byteSize != 0) {
      BlockMap.check(address, byteSize);
    }
    return ALL.asSlice(address, byteSize);
  }

  /**
   * Returns the address of a segment of the caller's, to be accessed here for as long as the
   * segment is alive, which is the caller's to ensure.
   *
   * @param segment a native segment
   * @return its address
   * @throws IllegalArgumentException if the segment is on the Java heap
   * @throws IllegalStateException if it is closed, or confined to another thread
   * @throws CheckedMemoryException in checked mode, if it was given out here and its block is freed
   * @throws UnsupportedOperationException in simulated mode
   */
  public static long addressOf(MemorySegment segment) {
    if (SIMULATED) {
      throw SimulatedMemory.unsupported("the memory of a segment");
    }
    if (!segment.isNative()) {
      throw new IllegalArgumentException("the segment is on the Java heap; expected a native one");
    }
    if (!segment.scope().isAlive()) {
      throw new IllegalStateException("the segment is closed");
    }
    if (!segment.isAccessibleBy(Thread.currentThread())) {
      throw new IllegalStateException("the segment belongs to another thread");
    }
    if (CHECKED && segment.byteSize() != 0) {
      if (segment.scope().equals(ALL.scope())) {
        BlockMap.check(segment.address(), segment.byteSize());
      } else {
        LentMemory.lend(segment);
      }
    }
    return segment.address();
  }

  /**
   * Returns zeroed memory that is never freed, for the constants of a structure.
   *
   * @param byteSize its size
   * @param byteAlignment its alignment, a power of two
   * @return its address
   */
  public static long allocatePermanent(long byteSize, long byteAlignment) {
    if (SIMULATED) {
      return SimulatedMemory.allocatePermanent(byteSize, byteAlignment);
    }
    requireNativeAccess();
    long address = Arena.global().allocate(byteSize, byteAlignment).address();
    if (CHECKED) {
      BlockMap.allocated(Memory.class, address, byteSize);
    }
    return address;
  }
}
