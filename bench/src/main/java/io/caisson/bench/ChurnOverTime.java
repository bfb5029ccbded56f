package io.caisson.bench;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocators;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Question: does the memory of a process stay flat while threads replace the entries of concurrent
 * structures that keep their size?
 *
 * <p>Two threads work on a table of longs (1,000,000 entries), an ordered map and a table of byte
 * strings (200,000 each), a queue and a stack; what is resident and what is out of the allocator is
 * noted each second. Misleading would be a Java heap that grows meanwhile: let it have its pages
 * from the start; and a first minute, in which tables grow and the compiler works: it is drawn, and
 * not counted.
 *
 * <p>Run: {@code java -Xms64m -Xmx64m -XX:+AlwaysPreTouch --enable-native-access=ALL-UNNAMED -cp
 * bench/target/benchmarks.jar io.caisson.bench.ChurnOverTime ALLOCATOR SECONDS [FILE.png]}, with
 * the allocator "system" or "mimalloc", and 600 seconds.
 */
public final class ChurnOverTime {

  private static final int THREADS = 2;
  private static final int SETTLED = 60;
  private static final double MIB = 1 << 20;

  private final List<Double> seconds = new ArrayList<>();
  private final List<Double> resident = new ArrayList<>();
  private final List<Double> live = new ArrayList<>();

  private ChurnOverTime() {}

  /** Measures, draws, and prints the figures after the first minute. */
  public static void main(String[] arguments) throws Exception {
    int length = Integer.parseInt(arguments[1]);
    if (length <= SETTLED) {
      throw new IllegalArgumentException(length + " seconds; expected more than " + SETTLED);
    }
    ChurnOverTime churn = new ChurnOverTime();
    long replaced = churn.run(arguments[0], length);
    churn.print(arguments[0], replaced);
    if (arguments.length > 2) {
      churn.draw(arguments[0], arguments[2]);
    }
  }

  private static AccountedAllocator allocator(String name) {
    return switch (name) {
      case "system" -> Allocators.system();
      case "mimalloc" -> Allocators.mimalloc();
      default -> throw new IllegalArgumentException(name + "; expected system or mimalloc");
    };
  }

  private long run(String name, int length) throws IOException, InterruptedException {
    try (AccountedAllocator allocator = allocator(name)) {
      ReplacedEntries entries = new ReplacedEntries(allocator, THREADS);
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int thread = i;
        threads.add(Thread.ofPlatform().start(() -> entries.work(thread)));
      }
      long started = System.nanoTime();
      for (int second = 0; second < length; second++) {
        Thread.sleep(Duration.ofSeconds(1));
        seconds.add((System.nanoTime() - started) / 1e9);
        resident.add(residentBytes() / MIB);
        live.add(allocator.stats().liveBytes() / MIB);
      }
      entries.stop();
      for (Thread thread : threads) {
        thread.join();
      }
      long replaced = entries.replaced();
      entries.close();
      System.out.printf(
          Locale.ROOT,
          "%s: %d bytes are out when all is closed%n",
          name,
          allocator.stats().liveBytes());
      return replaced;
    }
  }

  private void print(String name, long replaced) {
    System.out.printf(
        Locale.ROOT,
        "%s: %,d entries replaced; MiB after the first minute: resident %s, live %s%n",
        name,
        replaced,
        range(resident),
        range(live));
  }

  /** The least and the most after the first minute, and how far they are from its end. */
  private static String range(List<Double> samples) {
    double first = samples.get(SETTLED);
    List<Double> settled = samples.subList(SETTLED, samples.size());
    double least = settled.stream().mapToDouble(Double::doubleValue).min().orElse(first);
    double most = settled.stream().mapToDouble(Double::doubleValue).max().orElse(first);
    return String.format(
        Locale.ROOT,
        "%.1f to %.1f (%+.1f %% to %+.1f %%)",
        least,
        most,
        100 * (least / first - 1),
        100 * (most / first - 1));
  }

  private void draw(String name, String file) throws IOException {
    XYChart chart =
        new XYChartBuilder()
            .width(800)
            .height(400)
            .title("Entries replaced at constant size, " + name)
            .xAxisTitle("seconds")
            .yAxisTitle("MiB")
            .build();
    chart.getStyler().setYAxisMin(0.0);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.addSeries("resident", seconds, resident).setMarker(SeriesMarkers.NONE);
    chart.addSeries("live in the allocator", seconds, live).setMarker(SeriesMarkers.NONE);
    BitmapEncoder.saveBitmap(chart, file, BitmapFormat.PNG);
  }

  private static long residentBytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) << 10;
      }
    }
    throw new IOException("no VmRSS in /proc/self/status");
  }
}
