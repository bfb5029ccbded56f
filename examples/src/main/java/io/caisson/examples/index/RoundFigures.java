package io.caisson.examples.index;

import java.nio.file.Path;

/**
 * What one round counted and cost.
 *
 * @param files the files read
 * @param bytes their bytes
 * @param strings the strings counted
 * @param distinct the different ones among them
 * @param readNanos the time that reading took
 * @param elapsedNanos the time that parsing and counting took
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
  static RoundFigures measure(Iterable<Path> files, FileIndexer indexer, StringCounter counter) {
    long heapBefore = HeapUse.afterCollection();
    long gcBefore = HeapUse.collectionMillis();
    indexer.startRound();
    files.forEach(file -> indexer.index(file, counter));
    long gcMillis = HeapUse.collectionMillis() - gcBefore;
    long heapBytes = HeapUse.afterCollection() - heapBefore;
    return new RoundFigures(
        indexer.files(),
        indexer.bytes(),
        counter.strings(),
        counter.distinct(), // and so the counts are alive until here
        indexer.readNanos(),
        indexer.countNanos(),
        Math.max(0, heapBytes),
        gcMillis);
  }
}
