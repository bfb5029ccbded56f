package io.caisson.alloc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Runs JVMs that exit with and without leaks. */
class LeakReportAtExitTest {

  /** Leaks as many blocks as it is told, and exits. */
  static final class Leaky {
    private Leaky() {}

    public static void main(String[] args) {
      LeakDetectingAllocator.Builder builder =
          LeakDetectingAllocator.over(SystemAllocator.create());
      LeakDetectingAllocator detector =
          args[1].equals("report") ? builder.reportAtExit().build() : builder.build();
      for (int i = Integer.parseInt(args[0]); i > 0; i--) {
        var _ = detector.allocate(24, 8);
      }
      if (args[0].equals("0")) {
        detector.close();
      }
    }
  }

  private static String run(String level, String blocks, String report)
      throws IOException, InterruptedException {
    String classPath =
        Path.of("target", "classes") + File.pathSeparator + Path.of("target", "test-classes");
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--enable-native-access=ALL-UNNAMED",
                    "-Dcaisson.leak.level=" + level,
                    "-cp",
                    classPath,
                    Leaky.class.getName(),
                    blocks,
                    report))
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, process.waitFor(), output);
    return output;
  }

  @Test
  void exit_leaksAndReportAskedFor_printsThem() throws Exception {
    String output = run("paranoid", "3", "report");
    assertTrue(output.startsWith("allocator 'system' leaked 3 blocks of 72 bytes"), output);
    assertTrue(output.contains("LeakReportAtExitTest$Leaky.main"), output);
  }

  @Test
  void exit_otherwise_printsNothing() throws Exception {
    assertEquals("", run("paranoid", "3", "quiet"));
    assertEquals("", run("paranoid", "0", "report"));
    assertEquals("", run("disabled", "3", "report"));
  }
}
