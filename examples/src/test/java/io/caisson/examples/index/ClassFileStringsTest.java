package io.caisson.examples.index;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.lang.constant.ClassDesc;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ClassFileStringsTest {

  private static final int ONE_CLASS_IN = 40;

  private final ClassFileStrings strings = new ClassFileStrings(InputMemory.onHeap());

  private boolean isWhole(byte[] bytes, int byteSize) {
    return strings.parse(MemorySegment.ofArray(bytes), byteSize);
  }

  @Test
  void count_classesOfTheJdk_agreesWithClassFileApi() throws IOException {
    List<Path> classes = Inputs.list(List.of(), Problems.unheard());
    assertTrue(classes.size() > 1_000);
    for (int i = 0; i < classes.size(); i += ONE_CLASS_IN) {
      assertAgrees(Files.readAllBytes(classes.get(i)), classes.get(i).toString());
    }
  }

  private void assertAgrees(byte[] classFile, String name) {
    assertTrue(isWhole(classFile, classFile.length), name);
    TextCounter counter = new TextCounter();
    strings.count(MemorySegment.ofArray(classFile), counter);
    List<byte[]> expected = new ArrayList<>();
    for (PoolEntry entry : ClassFile.of().parse(classFile).constantPool()) {
      if (entry instanceof Utf8Entry utf8 && !hasLoneSurrogate(utf8.stringValue())) {
        expected.add(utf8.stringValue().getBytes(UTF_8));
      }
    }
    counter
        .counts()
        .keySet()
        .removeIf(s -> s.contains("\u00ED\u00A0") || s.contains("\u00ED\u00B0"));
    assertEquals(TextCounter.counts(expected), counter.counts(), name);
  }

  private static boolean hasLoneSurrogate(String text) {
    return text.codePoints().anyMatch(c -> c >= 0xD800 && c <= 0xDFFF);
  }

  @Test
  void count_everyKindOfConstant_isPassedOver() {
    byte[] classFile =
        ClassFile.of()
            .build(
                ClassDesc.of("T"),
                builder -> {
                  var pool = builder.constantPool();
                  pool.longEntry(1);
                  pool.utf8Entry("between");
                  pool.doubleEntry(1);
                  pool.utf8Entry("");
                  pool.moduleEntry(pool.utf8Entry("m"));
                  pool.packageEntry(pool.utf8Entry("p"));
                  pool.utf8Entry("\uD83D\uDE00\0");
                });
    assertAgrees(classFile, "T");
  }

  @Test
  void parse_cutOffAnywhere_isNotWhole() {
    byte[] classFile = Samples.classFile(Comparable.class);
    for (int byteSize = 0; byteSize < classFile.length; byteSize++) {
      // In a segment of just that size, so that a look beyond the end would throw.
      assertFalse(isWhole(Arrays.copyOf(classFile, byteSize), byteSize), byteSize + " bytes");
    }
    assertTrue(isWhole(classFile, classFile.length));
    assertFalse(isWhole(Arrays.copyOf(classFile, classFile.length + 1), classFile.length + 1));
  }

  @Test
  void parse_corrupted_neverLeavesTheFile() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    byte[] classFile = Samples.classFile(StringBuilder.class);
    for (int i = 0; i < 5_000; i++) {
      byte[] corrupted = classFile.clone();
      for (int n = random.nextInt(4); n >= 0; n--) {
        corrupted[4 + random.nextInt(corrupted.length - 4)] = (byte) random.nextInt();
      }
      MemorySegment source = MemorySegment.ofArray(corrupted);
      try {
        if (strings.parse(source, corrupted.length)) {
          strings.count(source, new TextCounter());
        }
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed + ", " + i, e);
      }
    }
  }

  @Test
  void parse_emptyPool_isNotWhole() {
    byte[] bytes = new byte[24];
    System.arraycopy("\u00CA\u00FE\u00BA\u00BE\0\0\0A".getBytes(ISO_8859_1), 0, bytes, 0, 8);
    assertFalse(isWhole(bytes, bytes.length));
    assertTrue(ClassFileStrings.hasPlausibleVersion(MemorySegment.ofArray(bytes), 24));
  }
}
