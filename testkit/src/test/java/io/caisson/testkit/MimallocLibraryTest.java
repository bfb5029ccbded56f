package io.caisson.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.MimallocAllocator;
import io.caisson.alloc.MimallocHeap;
import io.caisson.alloc.MimallocSource;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the library is found, each time in a JVM of its own, for one JVM looks once. */
class MimallocLibraryTest {

  /** Makes every kind of allocator, twice, and says what came of it. */
  static final class Attempt {
    private Attempt() {}

    public static void main(String[] args) {
      for (int i = 0; i < 2; i++) {
        print("available", () -> String.valueOf(MimallocAllocator.isAvailable()));
        print("origin", MimallocAllocator::origin);
        print("mimalloc", () -> use(Allocators.mimalloc()));
        print("heap", () -> use(Allocators.heap()));
        print("own heap", () -> use(Allocators.accounted(MimallocHeap.create("own"))));
        print("system", () -> use(Allocators.system()));
      }
    }

    private static void print(String what, Supplier<String> attempt) {
      String outcome;
      try {
        outcome = attempt.get();
      } catch (IllegalStateException | UnsupportedOperationException e) {
        outcome = e.getMessage();
      }
      System.out.println(what + ": " + outcome);
    }

    private static String use(AccountedAllocator allocator) {
      try (allocator) {
        allocator.free(allocator.allocate(100, 64), 100, 64);
        return allocator.raw().getClass().getSimpleName();
      }
    }
  }

  private static final String DENY = "--illegal-native-access=deny";
  private static final String GRANT = "--enable-native-access=ALL-UNNAMED";
  private static final List<String> ALL_WORK =
      List.of(
          "available: true",
          "origin: caisson-mimalloc",
          "mimalloc: MimallocAllocator",
          "heap: MimallocAllocator",
          "own heap: MimallocHeap",
          "system: SystemAllocator");

  /** An operating system of this name has no library, neither in the artifact nor of its own. */
  private static final String NO_LIBRARY = "-Dos.name=Windows of nowhere";

  @TempDir private Path directory;

  @BeforeEach
  void requireArtifact() {
    assumeFalse("system".equals(System.getProperty("caisson.test.mimalloc")), "run once already");
  }

  // ---- starting a JVM -------------------------------------------------------------------------

  private static String locationOf(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  private static String alloc() {
    return locationOf(Allocator.class);
  }

  private static MimallocSource source() {
    MimallocLibraryTest.class.getModule().addUses(MimallocSource.class);
    return ServiceLoader.load(MimallocSource.class, MimallocSource.class.getClassLoader())
        .findFirst()
        .orElseThrow();
  }

  private static String mimalloc() {
    return locationOf(source().getClass());
  }

  private static String tests() {
    return locationOf(Attempt.class);
  }

  private static String path(String... places) {
    return String.join(File.pathSeparator, places);
  }

  private Process start(String... flags) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Djava.io.tmpdir=" + directory);
    command.add(DENY);
    command.addAll(List.of(flags));
    command.add(Attempt.class.getName());
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("CAISSON_"));
    return builder.start();
  }

  private static List<String> output(Process process) throws Exception {
    List<String> lines =
        new String(process.getInputStream().readAllBytes(), UTF_8).lines().toList();
    assertEquals(0, process.waitFor(), lines::toString);
    return lines;
  }

  private List<String> run(String... flags) throws Exception {
    return output(start(flags));
  }

  private static List<String> twice(List<String> lines) {
    return Stream.concat(lines.stream(), lines.stream()).toList();
  }

  private void assertNothingLeftBehind() throws IOException {
    try (Stream<Path> left = Files.list(directory)) {
      assertEquals(List.of(), left.toList());
    }
  }

  // ---- the artifact ---------------------------------------------------------------------------

  @Test
  void artifact_onClassPathOfManyJvms_isFoundAndCleanedUp() throws Exception {
    List<Process> running = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      running.add(start(GRANT, "-cp", path(alloc(), mimalloc(), tests())));
    }
    for (Process process : running) {
      assertEquals(twice(ALL_WORK), output(process));
    }
    assertNothingLeftBehind();
  }

  @Test
  void artifact_onModulePath_isFoundWithoutAnOption() throws Exception {
    List<String> lines =
        run(
            "--enable-native-access=io.caisson.alloc",
            "--module-path",
            path(alloc(), mimalloc()),
            "--add-modules",
            "io.caisson.alloc",
            "-cp",
            tests());
    assertEquals(twice(ALL_WORK), lines);
    assertNothingLeftBehind();
  }

  @Test
  void artifact_onClassPathBesideTheModule_isFound() throws Exception {
    List<String> lines =
        run(
            "--enable-native-access=io.caisson.alloc",
            "--module-path",
            alloc(),
            "--add-modules",
            "io.caisson.alloc",
            "-cp",
            path(mimalloc(), tests()));
    assertEquals(twice(ALL_WORK), lines);
  }

  @Test
  void artifact_noPlaceToUnpackIt_isPassedOver() throws Exception {
    List<String> lines =
        run(
            GRANT,
            "-Djava.io.tmpdir=" + directory.resolve("missing"),
            "-cp",
            path(alloc(), mimalloc(), tests()));
    assertTrue(lines.contains("system: SystemAllocator"), lines::toString);
    assertTrue(!lines.contains("origin: caisson-mimalloc"), lines::toString);
  }

  // ---- the path -------------------------------------------------------------------------------

  @Test
  void path_ofALibrary_comesFirst() throws Exception {
    Path copy = directory.resolve("a copy of libmimalloc");
    URL library = source().library();
    try (InputStream in = library.openStream()) {
      Files.copy(in, copy);
    }
    List<String> lines =
        run(GRANT, "-Dcaisson.mimalloc.path=" + copy, "-cp", path(alloc(), tests()));
    assertEquals("origin: " + copy, lines.get(1));
    assertEquals(ALL_WORK.subList(2, 6), lines.subList(2, 6));
  }

  @Test
  void path_ofNoLibrary_isAnErrorEachTime() throws Exception {
    Path file = Files.writeString(directory.resolve("text"), "no library");
    for (Path path : List.of(file, directory.resolve("missing"))) {
      List<String> lines =
          run(GRANT, "-Dcaisson.mimalloc.path=" + path, "-cp", path(alloc(), mimalloc(), tests()));
      String refusal =
          "caisson.mimalloc.path is '" + path + "', which is no usable mimalloc library: ";
      for (String what : List.of("origin", "mimalloc", "heap", "own heap")) {
        assertEquals(
            2,
            lines.stream().filter(line -> line.startsWith(what + ": " + refusal)).count(),
            lines::toString);
      }
      assertTrue(lines.contains("available: false"), lines::toString);
      assertTrue(lines.contains("system: SystemAllocator"), lines::toString);
    }
  }

  // ---- nothing --------------------------------------------------------------------------------

  @Test
  void nothing_anywhere_fallsBackToTheSystemAndSaysSoOnce() throws Exception {
    List<String> lines = run(GRANT, NO_LIBRARY, "-cp", path(alloc(), tests()));
    String text = String.join("\n", lines);
    assertEquals(2, lines.stream().filter("heap: SystemAllocator"::equals).count(), text);
    assertEquals(2, lines.stream().filter("system: SystemAllocator"::equals).count(), text);
    assertEquals(2, lines.stream().filter("available: false"::equals).count(), text);
    String notFound = "mimalloc: no mimalloc library found; add the artifact";
    assertEquals(2, lines.stream().filter(line -> line.startsWith(notFound)).count(), text);
    assertEquals(1, lines.stream().filter(line -> line.contains("INFO")).count(), text);
    assertTrue(text.contains("Allocators.heap() is the C library's malloc"), text);
  }

  @Test
  void everyUse_nativeAccessDenied_throwsTheSameErrorNamingTheFlag() throws Exception {
    String denied =
        ": Native access is denied to the class path. Start the JVM with"
            + " --enable-native-access=ALL-UNNAMED.";
    List<String> lines = run("-cp", path(alloc(), mimalloc(), tests()));
    assertEquals(12, lines.size(), lines::toString);
    lines.forEach(line -> assertTrue(line.endsWith(denied), line));
  }
}
