package io.caisson.examples.index;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocators;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileIndexerTest {

  @TempDir private Path directory;

  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Problems problems =
      new Problems(new PrintStream(err, true, UTF_8), Progress.none());

  private Map<String, Integer> counts(Path file, int bufferSize) {
    TextCounter counter = new TextCounter();
    try (AccountedAllocator allocator = Allocators.system();
        FileIndexer indexer =
            new FileIndexer(InputMemory.of(allocator), bufferSize, problems, Progress.none())) {
      indexer.index(file, counter);
    }
    return counter.counts();
  }

  private Path file(byte[] content) throws IOException {
    return Files.write(directory.resolve("file"), content);
  }

  @Test
  void index_randomBytes_agreesWithSplitWhateverTheBuffer() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 300; i++) {
      byte[] content = Samples.bytes(random, random.nextInt(200), 1 + random.nextInt(30));
      int bufferSize = 1 + random.nextInt(40);
      assertEquals(
          TextCounter.counts(Samples.tokens(content)),
          counts(file(content), bufferSize),
          "seed " + seed + ", " + i + ", buffer " + bufferSize);
    }
  }

  @Test
  void index_tokensThatEndWithTheBuffer_areWhole() throws IOException {
    Path file = file("four four eight888 four".getBytes(UTF_8));
    for (int bufferSize = 1; bufferSize < 30; bufferSize++) {
      assertEquals(Map.of("four", 3, "eight888", 1), counts(file, bufferSize));
    }
  }

  @Test
  void index_classFileLargerThanTheBuffer_isReadWhole() throws IOException {
    byte[] classFile = Samples.classFile(String.class);
    Map<String, Integer> counts = counts(file(classFile), 16);
    assertEquals(1, counts.get("java/lang/String"));
    assertEquals(counts, counts(file(classFile), 1 << 20));
    assertEquals(counts, counts(Path.of(URI.create("jrt:/java.base/java/lang/String.class")), 16));
    assertFalse(problems.any());
  }

  @Test
  void index_truncatedClassFile_isReportedAndCountedAsTokens() throws IOException {
    byte[] content = Arrays.copyOf(Samples.classFile(String.class), 1_000);
    for (int bufferSize : new int[] {8, 1_000, 1_001, 1 << 20}) {
      assertEquals(TextCounter.counts(Samples.tokens(content)), counts(file(content), bufferSize));
    }
    assertTrue(err.toString(UTF_8).contains("truncated or malformed class file"));
    assertEquals(1, err.toString(UTF_8).lines().count(), "said once");
  }

  @Test
  void index_binaryForSeveralProcessors_isPlain() throws IOException {
    byte[] content = new byte[100];
    content[0] = (byte) 0xCA;
    content[1] = (byte) 0xFE;
    content[2] = (byte) 0xBA;
    content[3] = (byte) 0xBE;
    content[7] = 2;
    assertEquals(TextCounter.counts(Samples.tokens(content)), counts(file(content), 64));
    assertFalse(problems.any());
  }

  @Test
  void index_emptyFile_countsNothing() throws IOException {
    assertEquals(Map.of(), counts(file(new byte[0]), 64));
    assertFalse(problems.any());
  }

  @Test
  void index_missingFile_isReported() {
    assertEquals(Map.of(), counts(directory.resolve("none"), 64));
    assertTrue(err.toString(UTF_8).endsWith("none: no such file or directory\n"));
  }
}
