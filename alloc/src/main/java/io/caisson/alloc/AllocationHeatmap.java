package io.caisson.alloc;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How many blocks of which size were allocated under which tag, when: a sample adds what has been
 * allocated since the last.
 *
 * <p>Keeps the last samples, up to a number given. Thread-safe; a sample takes time in proportion
 * to the number of tags.
 */
public final class AllocationHeatmap {

  /**
   * The blocks of one class of sizes, allocated under one tag between two samples.
   *
   * @param time when they were sampled
   * @param path the tag
   * @param byteSizeUpTo the largest size of the class, in bytes
   * @param count the number of blocks
   */
  public record Cell(Instant time, String path, long byteSizeUpTo, long count) {}

  private final TagTree tags;
  private final InstantSource clock;
  private final int maxSamples;
  private final Map<String, SizeHistogram> last = new HashMap<>();
  private final Deque<List<Cell>> samples = new ArrayDeque<>();

  /**
   * Creates a map without samples; the first will have all that was ever allocated.
   *
   * @param tags the tags to sample
   * @param clock what tells the time; {@link InstantSource#system()}, or a test's own
   * @param maxSamples how many samples to keep, at least 1
   * @throws IllegalArgumentException if that is less than 1
   */
  public AllocationHeatmap(TagTree tags, InstantSource clock, int maxSamples) {
    if (maxSamples < 1) {
      throw new IllegalArgumentException(maxSamples + " samples; expected at least 1");
    }
    this.tags = tags;
    this.clock = clock;
    this.maxSamples = maxSamples;
  }

  /** Adds a sample, and drops the oldest if there are too many. */
  public synchronized void sample() {
    Instant now = clock.instant();
    List<Cell> cells = new ArrayList<>();
    for (Tag tag : tags.tags()) {
      SizeHistogram sizes = tag.stats().sizes();
      SizeHistogram before = last.put(tag.path(), sizes);
      SizeHistogram added = before == null ? sizes : sizes.since(before);
      for (SizeHistogram.Bucket bucket : added.buckets()) {
        cells.add(new Cell(now, tag.path(), bucket.byteSizeUpTo(), bucket.count()));
      }
    }
    samples.addLast(cells);
    if (samples.size() > maxSamples) {
      samples.removeFirst();
    }
  }

  /**
   * Returns what the samples have.
   *
   * @return the cells in which anything was allocated, by time, tag and size
   */
  public synchronized List<Cell> cells() {
    return samples.stream().flatMap(List::stream).toList();
  }

  /**
   * Returns the cells as comma-separated values.
   *
   * @return a line of names, and a line for each cell; paths are quoted
   */
  public String toCsv() {
    StringBuilder csv = new StringBuilder("time,tag,size_up_to,allocations\n");
    for (Cell cell : cells()) {
      csv.append(cell.time).append(",\"").append(cell.path.replace("\"", "\"\"")).append("\",");
      csv.append(cell.byteSizeUpTo).append(',').append(cell.count).append('\n');
    }
    return csv.toString();
  }
}
