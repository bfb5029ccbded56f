package io.caisson.alloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PressureMonitorTest {

  private final AtomicLong used = new AtomicLong();
  private final List<String> changes = new ArrayList<>();

  private PressureMonitor.Builder builder() {
    return PressureMonitor.builder()
        .watch("test", () -> new PressureSource.Reading(used.get(), 1000))
        .listener(change ->
            changes.add(change.before() + " to " + change.now() + " at " + change.used()));
  }

  private static PressureLevel pollAt(PressureMonitor monitor, AtomicLong used, long bytes) {
    used.set(bytes);
    return monitor.poll();
  }

  @Test
  void poll_upAndDown_changesWithHysteresis() {
    try (PressureMonitor monitor = builder().build()) {
      long[] steps = {799, 800, 790, 810, 751, 750, 749, 799, 950, 901, 899, 960, 100};
      for (long step : steps) {
        pollAt(monitor, used, step);
      }
    }
    assertEquals(
        List.of(
            "NORMAL to MODERATE at 800",
            "MODERATE to NORMAL at 749",
            "NORMAL to CRITICAL at 950",
            "CRITICAL to MODERATE at 899",
            "MODERATE to CRITICAL at 960",
            "CRITICAL to NORMAL at 100"),
        changes);
  }

  @Test
  void poll_thresholdsGiven_usesThem() {
    try (PressureMonitor monitor = builder().thresholds(50, 60).hysteresis(10).build()) {
      assertEquals(PressureLevel.MODERATE, pollAt(monitor, used, 500));
      assertEquals(PressureLevel.CRITICAL, pollAt(monitor, used, 600));
      assertEquals(PressureLevel.CRITICAL, pollAt(monitor, used, 500));
      assertEquals(PressureLevel.NORMAL, pollAt(monitor, used, 399));
    }
  }

  @Test
  void poll_noReadingOrNoLimit_staysAsItWas() {
    try (PressureMonitor monitor =
        PressureMonitor.builder()
            .watch("nothing", () -> null)
            .watch("unlimited", () -> new PressureSource.Reading(Long.MAX_VALUE, Long.MAX_VALUE))
            .watch("over", () -> new PressureSource.Reading(Long.MAX_VALUE, Long.MAX_VALUE - 1))
            .build()) {
      assertEquals(PressureLevel.CRITICAL, monitor.poll());
    }
  }

  @Test
  void poll_ownBytesAndBudget_areRead() {
    try (AccountedAllocator allocator = Allocators.system();
        Budget budget = new Budget(new BudgetProfile("all", 100));
        PressureMonitor monitor =
            PressureMonitor.builder()
                .watch("own", PressureSource.of(allocator, 1000))
                .watch("budget", PressureSource.of(budget))
                .listener(change -> changes.add(change.source()))
                .build()) {
      long block = allocator.allocate(900, 8);
      monitor.poll();
      budget.tryReserve(96);
      assertEquals(PressureLevel.CRITICAL, monitor.poll());
      assertEquals(List.of("own", "budget"), changes);
      budget.release(96);
      allocator.free(block, 900, 8);
    }
  }

  @Test
  void poll_listenerThatThrows_tellsTheOthers() {
    try (PressureMonitor monitor =
        PressureMonitor.builder()
            .watch("test", () -> new PressureSource.Reading(100, 100))
            .listener(change -> {
              throw new IllegalStateException("on purpose");
            })
            .listener(change -> changes.add(change.source()))
            .build()) {
      monitor.poll();
      assertEquals(List.of("test"), changes);
    }
  }

  @Test
  void start_pollsUntilClosed() throws InterruptedException {
    CountDownLatch polls = new CountDownLatch(3);
    PressureMonitor monitor =
        PressureMonitor.builder()
            .watch(
                "counted",
                () -> {
                  polls.countDown();
                  return null;
                })
            .build();
    monitor.start(Duration.ofNanos(1));
    assertThrows(IllegalStateException.class, () -> monitor.start(Duration.ofSeconds(1)));
    polls.await();
    monitor.close();
    monitor.close();
    assertThrows(IllegalStateException.class, monitor::poll);
    assertThrows(IllegalStateException.class, () -> monitor.start(Duration.ofSeconds(1)));
    assertThrows(IllegalArgumentException.class, () -> monitor.start(Duration.ZERO));
  }

  @ParameterizedTest
  @CsvSource({"80, 80, 5", "5, 90, 5", "80, 101, 5", "80, 90, 0"})
  void build_badThresholds_throws(int moderate, int critical, int hysteresis) {
    PressureMonitor.Builder builder =
        builder().thresholds(moderate, critical).hysteresis(hysteresis);
    assertThrows(IllegalArgumentException.class, builder::build);
  }

  @ParameterizedTest
  @CsvSource({
    "caisson.pressure.moderate-percent",
    "caisson.pressure.critical-percent",
    "caisson.pressure.hysteresis-percent"
  })
  void builder_badSetting_throwsNamingIt(String property) {
    System.setProperty(property, "120");
    try {
      IllegalArgumentException bad =
          assertThrows(IllegalArgumentException.class, PressureMonitor::builder);
      assertEquals(property + " is '120'; expected a percentage from 1 to 100", bad.getMessage());
      System.setProperty(property, "20");
      assertTrue(builder() != null);
    } finally {
      System.clearProperty(property);
    }
  }
}
