package io.caisson.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * Question: how long do single insertions take while a map grows, what memory does an entry take,
 * and is it given back?
 *
 * <p>Arguments: IMPL ENTRIES THREADS. Threads insert random keys into an empty map and time each
 * insertion; then the map does RapidGrow (5 of 100 read, 80 insert, 5 remove, 10 update) from
 * empty; then everything is removed. A clock read of 20 to 30 ns is in each time. Misleading would
 * be a heap so small that the JDK's collector works all the time, or so large that it never does.
 *
 * <p>Run: {@code java -Xmx3g --enable-native-access=ALL-UNNAMED -cp bench/target/benchmarks.jar
 * io.caisson.bench.ConcurrentTableProcess caisson 10000000 2}
 */
public final class ConcurrentTableProcess {

  private static final int GROWN = 4_000_000;

  private ConcurrentTableProcess() {}

  /** Measures, and prints a line for each figure. */
  public static void main(String[] arguments) throws Exception {
    String implementation = arguments[0];
    int entries = Integer.parseInt(arguments[1]);
    int threads = Integer.parseInt(arguments[2]);
    fill(ConcurrentLongMap.of(implementation), 1_000_000, 1, new long[1_000_000])
        .close(); // warm-up
    grow(implementation, threads);
    System.out.printf(
        Locale.ROOT,
        "%s: RapidGrow %.1f ns an operation%n",
        implementation,
        grow(implementation, threads));
    long before = used();
    long empty = resident();
    ConcurrentLongMap map = insert(implementation, entries, threads);
    System.out.printf(
        Locale.ROOT,
        "%s: %.1f bytes an entry%n",
        implementation,
        (double) (used() - before + map.nativeBytes()) / entries);
    long full = resident();
    for (int i = 0; i < entries; i++) {
      map.remove(key(i));
    }
    System.gc();
    System.out.printf(
        Locale.ROOT,
        "%s: %d MiB resident when empty, %d when full, %d when all is removed; %d bytes are out%n",
        implementation,
        empty >> 20,
        full >> 20,
        resident() >> 20,
        map.nativeBytes());
    map.close();
  }

  /** Fills a map, and prints how long single insertions took. */
  private static ConcurrentLongMap insert(String implementation, int entries, int threads)
      throws InterruptedException {
    long[] nanos = new long[entries];
    ConcurrentLongMap map = fill(ConcurrentLongMap.of(implementation), entries, threads, nanos);
    Arrays.sort(nanos);
    System.out.printf(
        Locale.ROOT,
        "%s: insertion p50 %d, p99 %d, p99.9 %d, p99.99 %d, most %d ns%n",
        implementation,
        nanos[entries / 2],
        nanos[(int) (entries * 0.99)],
        nanos[(int) (entries * 0.999)],
        nanos[(int) (entries * 0.9999)],
        nanos[entries - 1]);
    return map;
  }

  private static long key(long number) {
    return Xorshift.next(Xorshift.next(number + Xorshift.SEED));
  }

  /** Inserts keys, each thread every so manieth one. */
  private static ConcurrentLongMap fill(
      ConcurrentLongMap map, int entries, int threads, long[] nanos) throws InterruptedException {
    run(
        threads,
        thread -> {
          for (int i = thread; i < entries; i += threads) {
            long key = key(i);
            long started = System.nanoTime();
            map.put(key, i);
            nanos[i] = System.nanoTime() - started;
          }
        });
    return map;
  }

  private static double grow(String implementation, int threads) throws InterruptedException {
    try (ConcurrentLongMap map = ConcurrentLongMap.of(implementation)) {
      long started = System.nanoTime();
      run(
          threads,
          thread -> {
            Xorshift random = new Xorshift(thread);
            int inserted = thread;
            for (int i = 0; i < GROWN / threads; i++) {
              int choice = random.next(100);
              long key = key(random.next(inserted + 1));
              if (choice < 5) {
                map.get(key);
              } else if (choice < 85) {
                map.put(key(inserted), i);
                inserted += threads;
              } else if (choice < 90) {
                map.remove(key);
              } else {
                map.replace(key, i);
              }
            }
          });
      return (double) (System.nanoTime() - started) * threads / GROWN;
    }
  }

  /** What a thread does. */
  private interface Part {
    void run(int thread);
  }

  private static void run(int threads, Part part) throws InterruptedException {
    Thread[] all = new Thread[threads];
    for (int i = 0; i < threads; i++) {
      int thread = i;
      all[i] = Thread.ofPlatform().start(() -> part.run(thread));
    }
    for (Thread thread : all) {
      thread.join();
    }
  }

  private static long used() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static long resident() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) << 10;
      }
    }
    return 0;
  }
}
