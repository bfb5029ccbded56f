package io.caisson.alloc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Runs JVMs that have no Flight Recorder. */
class WithoutFlightRecorderTest {

  /** Does everything that would be an event. */
  static final class Program {
    private Program() {}

    public static void main(String[] args) {
      try {
        Class.forName("jdk.jfr.Event");
        throw new AssertionError("the Flight Recorder is there");
      } catch (ClassNotFoundException expected) {
        // That is what is to be tried.
      }
      try (AccountedAllocator allocator = Allocators.system();
          Budget budget = new Budget(new BudgetProfile("small", 1000))) {
        long block = allocator.allocate(4 << 20, 8);
        block = allocator.reallocate(block, 4 << 20, 8 << 20, 8);
        allocator.free(block, 8 << 20, 8);
        new ArenaAllocator(allocator, "request", 4096).close();
        boolean granted = budget.tryReserve(1001);
        LeakDetectingAllocator detector =
            LeakDetectingAllocator.over(allocator).level(LeakLevel.PARANOID).build();
        long leaked = detector.allocate(24, 8);
        long leaks = detector.report().count();
        detector.free(leaked, 24, 8);
        System.out.print(granted + " " + leaks + " " + allocator.stats().peakBytes());
      }
    }
  }

  private static String run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, process.waitFor(), output);
    return output;
  }

  @Test
  void everything_onTheClassPath_works() throws Exception {
    String classPath =
        Path.of("target", "classes") + File.pathSeparator + Path.of("target", "test-classes");
    assertEquals(
        "false 1 8388608",
        run(
            "--enable-native-access=ALL-UNNAMED",
            "--limit-modules=java.base",
            "-cp",
            classPath,
            Program.class.getName()));
  }

  @Test
  void everything_onTheModulePath_works() throws Exception {
    assertEquals(
        "false 1 8388608",
        run(
            "--enable-native-access=io.caisson.alloc",
            "--limit-modules=io.caisson.alloc",
            "-p",
            Path.of("target", "classes").toString(),
            "--patch-module=io.caisson.alloc=" + Path.of("target", "test-classes"),
            "-m",
            "io.caisson.alloc/" + Program.class.getName()));
  }
}
