package io.caisson.alloc;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The memory that the OS has given this process to keep, heap and all, against a limit of one's
 * own; on Linux.
 *
 * <p>Thread-safe; a reading opens one file.
 */
public final class ResidentSet implements PressureSource {

  private static final long AUXV_END = 0;
  private static final long AUXV_PAGE_SIZE = 6;
  private static final long USUAL_PAGE_SIZE = 4096;

  private final Path statm;
  private final long pageByteSize;
  private final long limit;

  /**
   * Creates a source that reads the kernel's own files.
   *
   * @param limit the most that should be resident, in bytes
   */
  public ResidentSet(long limit) {
    this(Path.of("/proc/self/statm"), pageByteSize(Path.of("/proc/self/auxv")), limit);
  }

  /**
   * Creates a source that reads a file elsewhere.
   *
   * @param statm the file, whose second number is that of the resident OS pages
   * @param pageByteSize the size of an OS page in bytes
   * @param limit the most that should be resident, in bytes
   */
  public ResidentSet(Path statm, long pageByteSize, long limit) {
    this.statm = statm;
    this.pageByteSize = pageByteSize;
    this.limit = limit;
  }

  /** Returns the size of an OS page, as the kernel tells a process when it starts. */
  static long pageByteSize(Path auxv) {
    try {
      ByteBuffer pairs = ByteBuffer.wrap(Files.readAllBytes(auxv)).order(ByteOrder.nativeOrder());
      while (pairs.remaining() >= 2 * Long.BYTES) {
        long key = pairs.getLong();
        long value = pairs.getLong();
        if (key == AUXV_PAGE_SIZE && Long.bitCount(value) == 1) {
          return value;
        }
        if (key == AUXV_END) {
          break;
        }
      }
    } catch (IOException e) {
      // Not Linux: then there is nothing to read at all.
    }
    return USUAL_PAGE_SIZE;
  }

  @Override
  public @Nullable Reading read() {
    try {
      String[] pages = Files.readString(statm).strip().split(" ", -1);
      return pages.length < 2 ? null : new Reading(Long.parseLong(pages[1]) * pageByteSize, limit);
    } catch (IOException | NumberFormatException e) {
      return null;
    }
  }

  @Override
  public String toString() {
    return "resident(" + statm + ")";
  }
}
