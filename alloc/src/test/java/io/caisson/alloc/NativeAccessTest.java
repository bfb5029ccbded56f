package io.caisson.alloc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Runs a JVM that denies native access, and one that grants it. */
class NativeAccessTest {

  /** Tries to get memory twice, and says what came of it. */
  static final class Attempt {
    private Attempt() {}

    public static void main(String[] args) {
      for (int i = 0; i < 2; i++) {
        try (Allocator allocator = Allocators.system()) {
          allocator.free(allocator.allocate(8, 8), 8, 8);
          System.out.println("allocated");
        } catch (IllegalStateException e) {
          System.out.println(e.getMessage());
        }
        try (Arena arena = Arena.ofConfined();
            Allocator allocator = new FixedBufferAllocator(arena.allocate(64))) {
          allocator.free(allocator.allocate(8, 8), 8, 8);
          System.out.println("allocated");
        } catch (IllegalStateException e) {
          System.out.println(e.getMessage());
        }
      }
    }
  }

  private static List<String> run(String... flags) throws IOException, InterruptedException {
    String classPath =
        Path.of("target", "classes") + File.pathSeparator + Path.of("target", "test-classes");
    List<String> command =
        new ArrayList<>(
            List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    command.addAll(List.of(flags));
    command.addAll(List.of("-cp", classPath, Attempt.class.getName()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    List<String> lines =
        new String(process.getInputStream().readAllBytes(), UTF_8).lines().toList();
    assertEquals(0, process.waitFor(), lines::toString);
    return lines;
  }

  @Test
  void everyUse_nativeAccessDenied_throwsTheSameErrorNamingTheFlag() throws Exception {
    String denied =
        "Native access is denied to the class path. Start the JVM with"
            + " --enable-native-access=ALL-UNNAMED.";
    assertEquals(List.of(denied, denied, denied, denied), run("--illegal-native-access=deny"));
  }

  @Test
  void everyUse_nativeAccessGranted_works() throws Exception {
    assertEquals(
        List.of("allocated", "allocated", "allocated", "allocated"),
        run("--illegal-native-access=deny", "--enable-native-access=ALL-UNNAMED"));
  }
}
