package io.caisson.examples.index;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputsTest {

  @TempDir private Path directory;

  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Problems problems =
      new Problems(new PrintStream(err, true, UTF_8), Progress.none());

  private List<String> list(Path... arguments) {
    return Inputs.list(List.of(arguments), problems).stream()
        .map(file -> directory.relativize(file).toString())
        .toList();
  }

  private void touch(String file) throws IOException {
    Path path = directory.resolve(file);
    Files.createDirectories(path.getParent());
    Files.createFile(path);
  }

  @Test
  void list_directory_isRecursiveAndInOrder() throws IOException {
    for (String file : List.of("b", "a/z", "a/b/c", "c/a", "B")) {
      touch(file);
    }
    assertEquals(List.of("B", "a/b/c", "a/z", "b", "c/a"), list(directory));
    assertFalse(problems.any());
  }

  @Test
  void list_linkBelowDirectory_isPassedOver() throws IOException {
    touch("a/file");
    Files.createSymbolicLink(directory.resolve("a/loop"), directory.resolve("a"));
    Files.createSymbolicLink(directory.resolve("link"), directory.resolve("a"));
    assertEquals(List.of("a/file"), list(directory));
    assertEquals(List.of("link/file"), list(directory.resolve("link")));
  }

  @Test
  void list_missingFile_isReportedAndTheRestListed() throws IOException {
    touch("file");
    assertEquals(
        List.of("file", "file"),
        list(directory.resolve("file"), directory.resolve("no\nne"), directory.resolve("file")));
    String message =
        "caisson index: cannot read " + directory + "/no\\nne: no such file or directory";
    assertEquals(List.of(message), err.toString(UTF_8).lines().toList());
  }
}
