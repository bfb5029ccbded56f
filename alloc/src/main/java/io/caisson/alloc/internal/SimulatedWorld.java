package io.caisson.alloc.internal;

import io.caisson.alloc.CheckedMemoryException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of simulated address space: words on the Java heap, and the block that each is in.
 *
 * <p>Thread-safe: every method holds the monitor, so that the access to a word and the look at the
 * state of its block are one step. Deterministic: the same calls give the same addresses.
 */
final class SimulatedWorld {

  /*
   * Layout. Word i is at address base + 8 * i; the byte at the lowest address is the lowest of the
   * word, on every platform. At least one word between two blocks is in none, so that an overrun is
   * never an access to the neighbour.
   *
   * Invariants.
   * I1  blockOfWord names, for each word, the block that had it last, or null.
   * I2  live holds the blocks that are not freed; freed holds those whose words nobody has since,
   *     the one freed last at the end. The two are disjoint in words.
   */

  /** What a block holds that was not asked to be zero: no address, no small number. */
  private static final long JUNK = 0xA5A5_A5A5_A5A5_A5A5L;

  private static final int INITIAL_WORDS = 1 << 10;
  private static final int MAX_WORDS = 1 << 22;

  private final long base;
  private long[] words = new long[INITIAL_WORDS];
  private @Nullable SimulatedBlock[] blockOfWord = new @Nullable SimulatedBlock[INITIAL_WORDS];
  private int top;
  private final TreeMap<Long, SimulatedBlock> live = new TreeMap<>();
  private final List<SimulatedBlock> freed = new ArrayList<>();

  /** Creates an empty world that starts at an address, a multiple of 8. */
  SimulatedWorld(long base) {
    this.base = base;
  }

  // ---- access ---------------------------------------------------------------------------------

  /** Reads up to 8 bytes, at any alignment, into the low bytes of the result. */
  synchronized long read(long address, int byteSize) {
    require(address, byteSize);
    int word = wordOf(address);
    int shift = shiftOf(address);
    long value = words[word] >>> shift;
    if (shift + byteSize * Byte.SIZE > Long.SIZE) {
      value |= words[word + 1] << (Long.SIZE - shift);
    }
    return value & mask(byteSize);
  }

  /** Writes the low bytes of a value, up to 8, at any alignment. */
  synchronized void write(long address, int byteSize, long value) {
    require(address, byteSize);
    int word = wordOf(address);
    int shift = shiftOf(address);
    long mask = mask(byteSize);
    words[word] = (words[word] & ~(mask << shift)) | ((value & mask) << shift);
    if (shift + byteSize * Byte.SIZE > Long.SIZE) {
      int rest = Long.SIZE - shift;
      words[word + 1] = (words[word + 1] & ~(mask >>> rest)) | ((value & mask) >>> rest);
    }
  }

  /** Replaces an aligned word by a function of it, and returns what it was. */
  synchronized long getAndUpdate(long address, LongUnaryOperator update) {
    require(address, Long.BYTES);
    int word = wordOf(address);
    long before = words[word];
    words[word] = update.applyAsLong(before);
    return before;
  }

  /** Checks that a range is inside one block that is not freed. */
  synchronized void require(long address, long byteSize) {
    SimulatedBlock block = blockAround(address);
    if (block != null && block.isLive() && block.contains(address, byteSize)) {
      return;
    }
    String access = "access to " + byteSize + " bytes at 0x" + Long.toHexString(address);
    if (block == null) {
      throw new CheckedMemoryException(access + ", which is in no block", null, null);
    }
    throw block.violation(
        block.isLive() ? access + " overruns" : "use after free: " + access + " of");
  }

  private @Nullable SimulatedBlock blockAround(long address) {
    long byteOffset = address - base;
    return byteOffset < 0 || byteOffset >= (long) top * Long.BYTES
        ? null
        : blockOfWord[wordOf(address)];
  }

  private int wordOf(long address) {
    return (int) ((address - base) >>> 3);
  }

  private static int shiftOf(long address) {
    return (int) (address & 7) * Byte.SIZE;
  }

  private static long mask(int byteSize) {
    return -1L >>> (Long.SIZE - byteSize * Byte.SIZE);
  }

  // ---- blocks ---------------------------------------------------------------------------------

  /** Returns the address of a new block, of the words freed last if they fit, or NULL. */
  synchronized long allocate(Object owner, long byteSize, long byteAlignment, boolean zeroed) {
    if (byteSize > (long) MAX_WORDS * Long.BYTES) {
      return Memory.NULL;
    }
    int wordCount = (int) ((byteSize + 7) >>> 3);
    long address = takeFreed(wordCount, byteAlignment);
    if (address == Memory.NULL) {
      address = takeFresh(wordCount, byteAlignment);
    }
    if (address != Memory.NULL) {
      SimulatedBlock block = new SimulatedBlock(owner, address, wordCount, byteSize, byteAlignment);
      int word = wordOf(address);
      Arrays.fill(blockOfWord, word, word + wordCount, block);
      Arrays.fill(words, word, word + wordCount, zeroed ? 0 : JUNK);
      live.put(address, block);
    }
    return address;
  }

  private long takeFreed(int wordCount, long byteAlignment) {
    for (int i = freed.size() - 1; i >= 0; i--) {
      SimulatedBlock block = freed.get(i);
      if (block.wordCount == wordCount && (block.address & (byteAlignment - 1)) == 0) {
        freed.remove(i);
        return block.address;
      }
    }
    return Memory.NULL;
  }

  private long takeFresh(int wordCount, long byteAlignment) {
    long address = BlockArguments.alignUp(base + (top + 1L) * Long.BYTES, byteAlignment);
    long end = ((address - base) >>> 3) + wordCount;
    if (address < 0 || end >= MAX_WORDS) {
      return Memory.NULL;
    }
    if (end >= words.length) {
      int length = Math.max((int) end + 1, words.length * 2);
      words = Arrays.copyOf(words, length);
      blockOfWord = Arrays.copyOf(blockOfWord, length);
    }
    top = (int) end;
    return address;
  }

  /** Changes the size of a block within the words that it has, or returns false. */
  synchronized boolean resize(
      Object owner, long address, long oldByteSize, long newByteSize, long byteAlignment) {
    SimulatedBlock block = requireBlock("resize", owner, address, oldByteSize, byteAlignment);
    if (newByteSize > (long) block.wordCount * Long.BYTES) {
      return false;
    }
    block.byteSize = newByteSize;
    return true;
  }

  /** Marks a block as given to reclamation. */
  synchronized void retire(long address) {
    SimulatedBlock block = blockAround(address);
    if (block == null || block.address != address) {
      throw notABlock("retire", address);
    }
    if (block.state != SimulatedBlock.State.ALLOCATED) {
      throw block.violation(block.isLive() ? "double retire of" : "retire after free of");
    }
    block.state = SimulatedBlock.State.RETIRED;
  }

  /** Takes a block back. */
  synchronized void free(Object owner, long address, long byteSize, long byteAlignment) {
    SimulatedBlock block = requireBlock("free", owner, address, byteSize, byteAlignment);
    block.state = SimulatedBlock.State.FREED;
    live.remove(address);
    freed.add(block);
  }

  private SimulatedBlock requireBlock(
      String what, Object owner, long address, long byteSize, long byteAlignment) {
    SimulatedBlock block = blockAround(address);
    if (block == null || block.address != address) {
      throw notABlock(what, address);
    }
    if (!block.isLive()) {
      throw block.violation(what.equals("free") ? "double free of" : what + " after free of");
    }
    if (block.owner != owner) {
      throw block.violation(what + " by '" + owner + "' of '" + block.owner + "', foreign,");
    }
    if (block.byteSize != byteSize || block.byteAlignment != byteAlignment) {
      throw block.violation(
          what + " as " + byteSize + " bytes aligned to " + byteAlignment + " of");
    }
    return block;
  }

  private static CheckedMemoryException notABlock(String what, long address) {
    return new CheckedMemoryException(
        what + " of 0x" + Long.toHexString(address) + ", where no block starts", null, null);
  }

  // ---- what there is --------------------------------------------------------------------------

  /** Returns the live blocks of an owner, as text, in the order of their addresses. */
  synchronized List<String> describeLive(Object owner) {
    return live.values().stream()
        .filter(block -> block.owner == owner)
        .map(SimulatedBlock::toString)
        .toList();
  }

  synchronized long liveBlocks(Object owner) {
    return live.values().stream().filter(block -> block.owner == owner).count();
  }

  synchronized long liveBytes(Object owner) {
    return live.values().stream()
        .filter(block -> block.owner == owner)
        .mapToLong(block -> block.byteSize)
        .sum();
  }

  /** Takes every block of an owner back. */
  synchronized void freeAll(Object owner) {
    for (SimulatedBlock block : List.copyOf(live.values())) {
      if (block.owner == owner) {
        free(owner, block.address, block.byteSize, block.byteAlignment);
      }
    }
  }
}
