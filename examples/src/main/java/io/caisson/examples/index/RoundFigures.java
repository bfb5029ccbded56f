package io.caisson.examples.index;

import java.nio.file.Path;
import java.util.List;

/**
 * What one round counted and cost.
 *
 * @param files the files read
 * @param bytes their bytes
 * @param strings the strings counted
 * @param distinct the different ones among them
 * @param readNanos the time that reading took, of several threads that of the slowest
 * @param elapsedNanos the time that parsing and counting took, of several threads that of the
 *     slowest
 * @param heapBytes what the counts hold of the Java heap
 * @param gcMillis the time that collections took
 */
record RoundFigures(
    long files,
    long bytes,
    long strings,
    long distinct,
    long readNanos,
    long elapsedNanos,
    long heapBytes,
    long gcMillis) {

  /** Counts the strings of all files once. */
  static RoundFigures measure(List<Path> files, IndexCrew crew, StringCounts counts) {
    long heapBefore = HeapUse.afterCollection();
    long gcBefore = HeapUse.collectionMillis();
    crew.index(files, counts.counters());
    long gcMillis = HeapUse.collectionMillis() - gcBefore;
    long heapBytes = HeapUse.afterCollection() - heapBefore;
    return new RoundFigures(
        crew.sum(FileIndexer::files),
        crew.sum(FileIndexer::bytes),
        counts.counters().stream().mapToLong(StringCounter::strings).sum(),
        counts.distinct(), // and so the counts are alive until here
        crew.largest(FileIndexer::readNanos),
        crew.largest(FileIndexer::countNanos),
        Math.max(0, heapBytes),
        gcMillis);
  }
}
