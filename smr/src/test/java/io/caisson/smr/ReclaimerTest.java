package io.caisson.smr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocator;
import io.caisson.testkit.LeakCheck;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A domain whose own thread frees. */
class ReclaimerTest {

  private static final long SIZE = 64;
  private static final Duration LONG = Duration.ofSeconds(60);

  private static void retire(ReclamationDomain domain, Allocator allocator, int blocks) {
    int number = domain.register(allocator);
    for (int i = 0; i < blocks; i++) {
      try (Guard guard = domain.pin(1, SIZE)) {
        guard.retire(Allocations.allocate(allocator, SIZE, 16), SIZE, 16, number);
      }
    }
  }

  @Test
  void retire_inBackground_isFreedWithoutHelp() {
    try (LeakCheck check = new LeakCheck();
        ReclamationDomain domain = ReclamationDomain.builder().reclaimInBackground().build()) {
      retire(domain, check.allocator(), 1000);
      Deadline deadline = Deadline.after(LONG);
      while (domain.stats().garbageBlocks() != 0) {
        assertTrue(deadline.pause(), () -> domain.stats().toString());
      }
      assertEquals(1000, domain.stats().freedBlocks());
    }
  }

  @Test
  void close_inBackground_freesWhatWasHandedOver() {
    try (LeakCheck check = new LeakCheck()) {
      ReclamationDomain domain = ReclamationDomain.builder().reclaimInBackground().build();
      Guard reader = domain.pin();
      retire(domain, check.allocator(), 10_000);
      assertFalse(domain.drain());
      reader.close();
      assertTrue(domain.close(LONG).clean());
      assertEquals(10_000, domain.stats().freedBlocks());
    }
  }

  @Test
  void epoch_withoutGarbage_staysWhereItIs() {
    try (LeakCheck check = new LeakCheck();
        ReclamationDomain domain = ReclamationDomain.builder().reclaimInBackground().build()) {
      retire(domain, check.allocator(), 10);
      assertTrue(domain.drain(LONG));
      long epoch = domain.stats().epoch();
      for (int i = 0; i < 10; i++) {
        domain.keepHouse(1);
      }
      assertEquals(epoch, domain.stats().epoch());
    }
  }

  /** A thread that frees and never allocated makes mimalloc hold back what it frees. */
  @Test
  void reclaimer_beforeItFreesThroughADecorator_hasAllocated() {
    try (LeakCheck check = new LeakCheck()) {
      List<String> calls = new CopyOnWriteArrayList<>();
      Allocator recording =
          (Allocator)
              Proxy.newProxyInstance(
                  Allocator.class.getClassLoader(),
                  new Class<?>[] {Allocator.class},
                  (proxy, method, arguments) -> {
                    if (Thread.currentThread().getName().startsWith("reclaimer of")) {
                      calls.add(method.getName());
                    }
                    return method.invoke(check.allocator(), arguments);
                  });
      try (ReclamationDomain domain = ReclamationDomain.builder().reclaimInBackground().build()) {
        retire(domain, recording, 1000);
        Deadline deadline = Deadline.after(LONG);
        while (domain.stats().garbageBlocks() != 0) {
          assertTrue(deadline.pause(), () -> domain.stats().toString());
        }
      }
      assertEquals("allocate", calls.getFirst());
      assertEquals("free", calls.getLast());
    }
  }

  /** JCTools brings classes that stand on Unsafe; a JVM of its own shows what is loaded. */
  @Test
  void reclaimer_loadsNoClassOnUnsafe() throws IOException, InterruptedException {
    Path log = Files.createTempFile("classes", ".log");
    try {
      Process process =
          new ProcessBuilder(
                  List.of(
                      Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                      "--enable-native-access=ALL-UNNAMED",
                      "-Xlog:class+load:file=" + log,
                      "-cp",
                      classPath(),
                      Background.class.getName()))
              .redirectErrorStream(true)
              .start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(process.waitFor(60, TimeUnit.SECONDS));
      assertEquals(0, process.exitValue(), output);
      List<String> loaded = Files.readAllLines(log);
      assertTrue(
          loaded.stream().anyMatch(line -> line.contains("org.jctools.queues.varhandle.")),
          "the queue was not used");
      assertEquals(
          List.of(),
          loaded.stream()
              .filter(line ->
                  line.contains("sun.misc.Unsafe") || line.contains("org.jctools.util.Unsafe"))
              .toList());
    } finally {
      Files.delete(log);
    }
  }

  private static String classPath() {
    String modules = System.getProperty("jdk.module.path", "");
    String classes = System.getProperty("java.class.path", "");
    return modules
        + java.io.File.pathSeparator
        + classes
        + java.io.File.pathSeparator
        + testClasses();
  }

  private static String testClasses() {
    return Path.of("target", "classes")
        + java.io.File.pathSeparator
        + Path.of("target", "test-classes");
  }

  /** What the JVM of its own runs. */
  static final class Background {
    private Background() {}

    public static void main(String[] args) {
      try (LeakCheck check = new LeakCheck();
          ReclamationDomain domain = ReclamationDomain.builder().reclaimInBackground().build()) {
        retire(domain, check.allocator(), 10_000);
        if (!domain.drain(LONG)) {
          throw new AssertionError(domain.stats());
        }
      }
    }
  }
}
