package io.caisson.examples.index;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Counts the strings of one file after the other, keeping the time of reading apart.
 *
 * <p>A file that begins as a class file does is read whole, any other piece by piece, so that its
 * size does not matter: only a token has to fit in memory. Not thread-safe.
 */
final class FileIndexer implements AutoCloseable {

  /** What is read at a time. */
  static final int BUFFER_SIZE = 1 << 20;

  /** What is larger is not taken for a class file, lest it be read whole. */
  private static final long MAX_CLASS_FILE_SIZE = 256 << 20;

  private final Problems problems;
  private final Progress progress;
  private final InputBuffer buffer;
  private final ClassFileStrings classFile;
  private final Stopwatch reading = new Stopwatch();
  private final Stopwatch counting = new Stopwatch();
  private long files;
  private long bytes;

  FileIndexer(InputMemory memory, int bufferSize, Problems problems, Progress progress) {
    this.problems = problems;
    this.progress = progress;
    this.buffer = new InputBuffer(memory, bufferSize);
    try {
      this.classFile = new ClassFileStrings(memory);
    } catch (RuntimeException | Error e) {
      buffer.close();
      throw e;
    }
  }

  /** Forgets the figures of the files so far. */
  void startRound() {
    reading.reset();
    counting.reset();
    files = 0;
    bytes = 0;
  }

  /** Counts the strings of a file; one that cannot be read, or is cut off, is reported. */
  void index(Path file, StringCounter counter) {
    try {
      if (file.getFileSystem() == FileSystems.getDefault()) {
        indexFile(file, counter);
      } else {
        indexResource(file, counter);
      }
      files++;
    } catch (IOException e) {
      problems.unreadable(file.toString(), e);
    }
    progress.update(files, counter.strings());
  }

  private void indexFile(Path file, StringCounter counter) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      long byteSize = fill(channel, 0);
      if (ClassFileStrings.hasMagic(buffer.segment(), byteSize)) {
        byteSize = readWhole(channel, byteSize);
      }
      boolean ended = byteSize < buffer.byteSize();
      if (!countClassFile(file, byteSize, ended, counter)) {
        countTokens(channel, byteSize, counter);
      }
    }
  }

  private void indexResource(Path file, StringCounter counter) throws IOException {
    reading.start();
    byte[] content = Files.readAllBytes(file);
    buffer.put(content);
    reading.stop();
    bytes += content.length;
    if (!countClassFile(file, content.length, true, counter)) {
      countLastTokens(content.length, counter);
    }
  }

  /** Reads on until the channel ends, or no class file can be meant. */
  private long readWhole(FileChannel channel, long used) throws IOException {
    long byteSize = used;
    while (byteSize == buffer.byteSize() && byteSize <= MAX_CLASS_FILE_SIZE) {
      buffer.reserve(Math.min(channel.size(), MAX_CLASS_FILE_SIZE) + 1, byteSize);
      byteSize = fill(channel, byteSize);
    }
    return byteSize;
  }

  private long fill(FileChannel channel, long used) throws IOException {
    reading.start();
    try {
      long filled = buffer.fill(channel, used);
      bytes += filled - used;
      return filled;
    } finally {
      reading.stop();
    }
  }

  /**
   * Counts the strings of the buffer if that is a class file.
   *
   * @param ended whether the file ends with the buffer
   * @return whether it is one
   */
  private boolean countClassFile(Path file, long byteSize, boolean ended, StringCounter counter) {
    MemorySegment content = buffer.segment();
    if (!ClassFileStrings.hasMagic(content, byteSize)) {
      return false;
    }
    counting.start();
    boolean whole = ended && classFile.parse(content, (int) byteSize);
    if (whole) {
      classFile.count(content, counter);
    }
    counting.stop();
    if (!whole && ClassFileStrings.hasPlausibleVersion(content, byteSize)) {
      problems.malformedClassFile(file.toString());
    }
    return whole;
  }

  /** Counts the tokens of a file whose first bytes are in the buffer. */
  private void countTokens(FileChannel channel, long byteSize, StringCounter counter)
      throws IOException {
    long filled = byteSize;
    while (filled == buffer.byteSize()) {
      counting.start();
      long start = TextTokens.count(buffer.segment(), 0, filled, counter);
      long unfinished = filled - start;
      buffer.moveToFront(start, unfinished);
      buffer.reserve(unfinished + 1, unfinished);
      counting.stop();
      filled = fill(channel, unfinished);
      progress.update(files, counter.strings());
    }
    countLastTokens(filled, counter);
  }

  /** Counts the tokens of the buffer, with which the file ends. */
  private void countLastTokens(long byteSize, StringCounter counter) {
    counting.start();
    long start = TextTokens.count(buffer.segment(), 0, byteSize, counter);
    if (start < byteSize) {
      counter.count(buffer.segment(), start, byteSize - start);
    }
    counting.stop();
  }

  long files() {
    return files;
  }

  long bytes() {
    return bytes;
  }

  /** Returns the time that reading has taken since {@link #startRound}. */
  long readNanos() {
    return reading.nanos();
  }

  /** Returns the time that parsing and counting have taken since {@link #startRound}. */
  long countNanos() {
    return counting.nanos();
  }

  @Override
  public void close() {
    classFile.close();
    buffer.close();
  }
}
