package io.caisson.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Question: how long does the garbage collector stop a program that keeps many entries, and makes
 * garbage beside them: with the entries on the heap, off it, and with none?
 *
 * <p>What would mislead: a heap so large that it is never full (6 GiB, the same for all), entries
 * that nobody touches (100,000 a second are replaced, which on the heap makes old objects point to
 * young ones), a collector that stops no thread but keeps it waiting for memory (the worst delay of
 * a thread that wants to run every millisecond is shown too, and stalls of ZGC), and pauses while
 * the map is filled, which are apart. Pauses are the JVM's, from its log of safepoints.
 *
 * <p>Run: {@code java -cp bench/target/benchmarks.jar io.caisson.bench.GcRelief [ENTRIES [SECONDS
 * [COLLECTOR...]]]}; by default 20,000,000 entries, 20 seconds, G1 and Z. Takes about four minutes,
 * and 7 GiB of memory.
 */
public final class GcRelief {

  private static final Pattern PAUSE = Pattern.compile("\\[(\\d+)ns\\].*Total: +(\\d+) ns");
  private static final Pattern COLLECTION = Pattern.compile("\"(G1|Z|Collect|GenCollect)");

  private GcRelief() {}

  /** Runs a process for each collector and map, and prints a table. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    String entries = arguments.length > 0 ? arguments[0] : "20000000";
    String seconds = arguments.length > 1 ? arguments[1] : "20";
    List<String> collectors =
        arguments.length > 2 ? List.of(arguments).subList(2, arguments.length) : List.of("G1", "Z");
    System.out.println(
        "| collector, map | pauses | longest, ms | all, ms | longest while filling, ms | worst delay,"
            + " ms | stalls | fill, s |");
    System.out.println("|---|---|---|---|---|---|---|---|");
    for (String collector : collectors) {
      for (String map : List.of("none", "caisson", "HashMap")) {
        measure(collector, map, entries, seconds);
      }
    }
  }

  private static void measure(String collector, String map, String entries, String seconds)
      throws IOException, InterruptedException {
    Path log = Files.createTempFile("caisson-pauses", ".log");
    try {
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:+Use" + collector + "GC",
                  "-Xms6g",
                  "-Xmx6g",
                  "--enable-native-access=ALL-UNNAMED",
                  "-Xlog:safepoint*,gc*:file=" + log + ":uptimenanos,tags:filecount=0",
                  "-cp",
                  System.getProperty("java.class.path"),
                  GcReliefProcess.class.getName(),
                  map,
                  entries,
                  seconds)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      String line =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (process.waitFor() != 0) {
        throw new IllegalStateException("status " + process.exitValue() + ": " + line);
      }
      print(collector + ", " + map, line.split(" "), Files.readAllLines(log));
    } finally {
      Files.delete(log);
    }
  }

  private static void print(String name, String[] words, List<String> log) {
    double filled = Double.parseDouble(words[0]);
    long count = 0;
    long longest = 0;
    long all = 0;
    long longestBefore = 0;
    long stalls = 0;
    for (String line : log) {
      stalls += line.contains("Allocation Stall (") ? 1 : 0;
      Matcher pause = PAUSE.matcher(line);
      if (pause.find() && COLLECTION.matcher(line).find()) {
        long nanos = Long.parseLong(pause.group(2));
        if (Long.parseLong(pause.group(1)) / 1e9 < filled) {
          longestBefore = Math.max(longestBefore, nanos);
        } else {
          count++;
          longest = Math.max(longest, nanos);
          all += nanos;
        }
      }
    }
    System.out.printf(
        Locale.ROOT,
        "| %s | %d | %.2f | %.1f | %.1f | %s | %d | %s |%n",
        name,
        count,
        longest / 1e6,
        all / 1e6,
        longestBefore / 1e6,
        words[1],
        stalls,
        words[2]);
  }
}
