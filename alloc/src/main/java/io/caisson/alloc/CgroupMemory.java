package io.caisson.alloc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The memory of the control group that this process is in, as the kernel counts it on Linux:
 * version 2 or 1.
 *
 * <p>Of the group and those around it, the one counts that has the least left. What is used is what
 * the kernel could not give up by dropping file pages that were not used of late, so {@code
 * inactive_file} is subtracted. A file that is not there, or not understood, is passed over.
 * Thread-safe; a reading opens a few files.
 */
public final class CgroupMemory implements PressureSource {

  /** From this limit on there is none: version 1 writes the greatest multiple of an OS page. */
  private static final long NO_LIMIT = 1L << 62;

  /** The names of the files that say the same in each version. */
  private enum Version {
    V1("memory.usage_in_bytes", "memory.limit_in_bytes", "total_inactive_file"),
    V2("memory.current", "memory.max", "inactive_file");

    private final String used;
    private final String limit;
    private final String reclaimable;

    Version(String used, String limit, String reclaimable) {
      this.used = used;
      this.limit = limit;
      this.reclaimable = reclaimable;
    }
  }

  private final Path membership;
  private final Path mount;

  /** Creates a source that reads the kernel's own files. */
  public CgroupMemory() {
    this(Path.of("/proc/self/cgroup"), Path.of("/sys/fs/cgroup"));
  }

  /**
   * Creates a source that reads files elsewhere.
   *
   * @param membership the file that says which group the process is in
   * @param mount the directory under which the groups are
   */
  public CgroupMemory(Path membership, Path mount) {
    this.membership = membership;
    this.mount = mount;
  }

  @Override
  public @Nullable Reading read() {
    String group = null;
    for (String line : lines(membership)) {
      String[] fields = line.split(":", 3);
      if (fields.length == 3 && List.of(fields[1].split(",")).contains("memory")) {
        return tightest(Version.V1, mount.resolve("memory"), fields[2]);
      }
      if (fields.length == 3 && fields[1].isEmpty()) {
        group = fields[2];
      }
    }
    return group == null ? null : tightest(Version.V2, mount, group);
  }

  /** Reads a group and all that it is in, and returns the reading that has the least left. */
  private static @Nullable Reading tightest(Version version, Path root, String group) {
    Reading tightest = null;
    // Inside a container the group's path may be that of the host, and not be found below.
    Path directory = root.resolve(group.substring(group.startsWith("/") ? 1 : 0)).normalize();
    while (directory != null && directory.startsWith(root)) {
      Reading reading = read(version, directory);
      if (reading != null && (tightest == null || left(reading) < left(tightest))) {
        tightest = reading;
      }
      directory = directory.getParent();
    }
    return tightest;
  }

  private static long left(Reading reading) {
    return reading.limit() - reading.used();
  }

  private static @Nullable Reading read(Version version, Path directory) {
    long used = number(firstLine(directory.resolve(version.used)));
    long limit = number(firstLine(directory.resolve(version.limit)));
    if (used < 0 || limit < 0) {
      return null;
    }
    long reclaimable = 0;
    for (String line : lines(directory.resolve("memory.stat"))) {
      if (line.startsWith(version.reclaimable + " ")) {
        reclaimable = Math.max(0, number(line.substring(version.reclaimable.length() + 1)));
      }
    }
    return new Reading(Math.max(0, used - reclaimable), limit >= NO_LIMIT ? Long.MAX_VALUE : limit);
  }

  private static String firstLine(Path file) {
    List<String> lines = lines(file);
    return lines.isEmpty() ? "" : lines.getFirst();
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      return List.of(); // the group, the version or the whole of it is not there
    }
  }

  /** Returns a number of bytes, or -1 if a text is none. */
  private static long number(String text) {
    if (text.strip().equals("max")) {
      return Long.MAX_VALUE;
    }
    try {
      return Long.parseLong(text.strip());
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  @Override
  public String toString() {
    return "cgroup(" + mount + ")";
  }
}
