package io.caisson.alloc.internal;

import io.caisson.alloc.CheckedMemoryException;
import java.util.List;
import java.util.function.LongUnaryOperator;

/**
 * The memory of {@link MemoryMode#SIMULATED} mode: blocks on the Java heap, where a model checker
 * sees them.
 *
 * <p>An access outside every block, a use after free, a double free and a double retire throw
 * {@link CheckedMemoryException}. A freed address is handed out again at once, last freed first, so
 * that what relies on an address staying another's is found out. Addresses are the same in every
 * run that makes the same calls in a {@linkplain #reset fresh world}.
 *
 * <p>Thread-safe. Every method is one step, with volatile semantics whatever ordering was asked
 * for; tell a model checker to treat this class as atomic. What moves many bytes, in {@link
 * SimulatedBulk}, is as many steps.
 */
public final class SimulatedMemory {

  private static final long BASE = 1L << 20;
  private static final long PERMANENT_BASE = 1L << 40;

  private static final SimulatedWorld PERMANENT = new SimulatedWorld(PERMANENT_BASE);
  private static volatile SimulatedWorld world = new SimulatedWorld(BASE);

  private SimulatedMemory() {}

  private static SimulatedWorld worldOf(long address) {
    return address >= PERMANENT_BASE ? PERMANENT : world;
  }

  /** Forgets every block but those from {@link Memory#allocatePermanent}, and begins afresh. */
  public static void reset() {
    world = new SimulatedWorld(BASE);
  }

  /**
   * Makes the exception of what there is in native memory only.
   *
   * @param what what was wanted
   * @return the exception, to be thrown
   */
  public static UnsupportedOperationException unsupported(String what) {
    return new UnsupportedOperationException(
        what
            + ": not in memory mode '"
            + MemoryMode.SIMULATED
            + "' ("
            + MemoryMode.SETTING.property()
            + ")");
  }

  // ---- access, for Memory ---------------------------------------------------------------------

  static byte getByte(long address) {
    return (byte) worldOf(address).read(address, Byte.BYTES);
  }

  static void putByte(long address, byte value) {
    worldOf(address).write(address, Byte.BYTES, value);
  }

  static short getShort(long address) {
    return (short) worldOf(address).read(address, Short.BYTES);
  }

  static void putShort(long address, short value) {
    worldOf(address).write(address, Short.BYTES, value);
  }

  static int getInt(long address) {
    return (int) worldOf(address).read(address, Integer.BYTES);
  }

  static void putInt(long address, int value) {
    worldOf(address).write(address, Integer.BYTES, value);
  }

  static long getLong(long address) {
    return worldOf(address).read(address, Long.BYTES);
  }

  static void putLong(long address, long value) {
    worldOf(address).write(address, Long.BYTES, value);
  }

  static double getDouble(long address) {
    return Double.longBitsToDouble(getLong(address));
  }

  static void putDouble(long address, double value) {
    putLong(address, Double.doubleToRawLongBits(value));
  }

  static long getLongAligned(long address) {
    requireAligned(address);
    return getLong(address);
  }

  static void putLongAligned(long address, long value) {
    requireAligned(address);
    putLong(address, value);
  }

  /** Replaces an aligned long by a function of it, in one step, and returns what it was. */
  static long getAndUpdateLong(long address, LongUnaryOperator update) {
    requireAligned(address);
    return worldOf(address).getAndUpdate(address, update);
  }

  static boolean compareAndSetLong(long address, long expected, long value) {
    return getAndUpdateLong(address, now -> now == expected ? value : now) == expected;
  }

  private static void requireAligned(long address) {
    if ((address & 7) != 0) {
      throw new IllegalArgumentException(
          "0x" + Long.toHexString(address) + " is misaligned; expected a multiple of 8");
    }
  }

  static void require(long address, long byteSize) {
    worldOf(address).require(address, byteSize);
  }

  static long allocatePermanent(long byteSize, long byteAlignment) {
    return PERMANENT.allocate("permanent", byteSize, byteAlignment, true);
  }

  // ---- blocks ---------------------------------------------------------------------------------

  /**
   * Allocates a block.
   *
   * @param owner who may free it
   * @param byteSize its size in bytes, positive
   * @param byteAlignment its alignment in bytes, a power of two
   * @param zeroed whether it holds zeros, and not junk
   * @return its address, or {@link Memory#NULL} if the world is full
   */
  public static long allocate(Object owner, long byteSize, long byteAlignment, boolean zeroed) {
    return world.allocate(owner, byteSize, byteAlignment, zeroed);
  }

  /**
   * Changes the size of a block in place.
   *
   * @param owner who allocated it
   * @param address its address
   * @param oldByteSize its size in bytes
   * @param newByteSize the size wanted in bytes
   * @param byteAlignment its alignment in bytes
   * @return false if it has not the room; it is then as before
   * @throws CheckedMemoryException if that is no live block of this owner, size and alignment
   */
  public static boolean resize(
      Object owner, long address, long oldByteSize, long newByteSize, long byteAlignment) {
    return world.resize(owner, address, oldByteSize, newByteSize, byteAlignment);
  }

  /**
   * Frees a block, retired or not.
   *
   * @param owner who allocated it
   * @param address its address
   * @param byteSize its size in bytes
   * @param byteAlignment its alignment in bytes
   * @throws CheckedMemoryException if that is no live block of this owner, size and alignment
   */
  public static void free(Object owner, long address, long byteSize, long byteAlignment) {
    world.free(owner, address, byteSize, byteAlignment);
  }

  /**
   * Frees every block of an owner.
   *
   * @param owner the owner
   */
  public static void freeAll(Object owner) {
    world.freeAll(owner);
  }

  /**
   * Notes that a block is given to reclamation: it may be read until it is freed, and not be
   * retired again. Does nothing unless memory is simulated.
   *
   * @param address its address
   * @throws CheckedMemoryException if no live block starts there, or it is retired already
   */
  public static void markRetired(long address) {
    if (Memory.SIMULATED) {
      world.retire(address);
    }
  }

  /**
   * Returns how many blocks of an owner are out.
   *
   * @param owner the owner
   * @return their number
   */
  public static long liveBlocks(Object owner) {
    return world.liveBlocks(owner);
  }

  /**
   * Returns how much of an owner's is out.
   *
   * @param owner the owner
   * @return the sizes of its blocks, in bytes
   */
  public static long liveBytes(Object owner) {
    return world.liveBytes(owner);
  }

  /**
   * Returns what of an owner's is out.
   *
   * @param owner the owner
   * @return a line for each block, with its address, size and state
   */
  public static List<String> describeLive(Object owner) {
    return world.describeLive(owner);
  }
}
