package io.caisson.alloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the Flight Recorder is told, with the settings that are shipped. */
class MemoryEventsTest {

  private static final int LARGE = 1 << 20;

  @TempDir Path directory;

  private static Map<String, String> shippedSettings() throws Exception {
    try (InputStream stream =
            MemoryEventsTest.class
                .getClassLoader()
                .getResourceAsStream("META-INF/jfr/caisson.jfc");
        Reader reader = new InputStreamReader(stream, StandardCharsets.UTF_8)) {
      return Configuration.create(reader).getSettings();
    }
  }

  /** Runs an action, and returns what was recorded of it. */
  private List<RecordedEvent> record(Map<String, String> settings, Runnable action)
      throws IOException {
    Path file = directory.resolve("recording.jfr");
    try (Recording recording = new Recording(settings)) {
      recording.start();
      action.run();
      recording.stop();
      recording.dump(file);
    }
    return RecordingFile.readAllEvents(file).stream()
        .filter(event -> event.getEventType().getName().startsWith("io.caisson."))
        .toList();
  }

  /** Does everything that is an event. */
  private static void work() {
    try (AccountedAllocator allocator = Allocators.system();
        Budget budget = new Budget(new BudgetProfile("small", 1000))) {
      long block = allocator.allocate(LARGE, 8);
      block = allocator.reallocate(block, LARGE, 2 * LARGE, 8);
      block = allocator.reallocate(block, 2 * LARGE, 100, 8);
      allocator.free(block, 100, 8);
      new ArenaAllocator(allocator, "request", 4096).close();
      try (SlabAllocator slab =
          SlabAllocator.builder(allocator).name("cells").superblocksPerRegion(1).build()) {
        slab.free(slab.allocate(32, 8), 32, 8);
      }
      assertFalse(budget.tryReserve(1001));
      LeakDetectingAllocator detector =
          LeakDetectingAllocator.over(allocator).level(LeakLevel.PARANOID).build();
      long leaked = detector.allocate(24, 8);
      assertThrows(IllegalStateException.class, detector::close);
      detector.free(leaked, 24, 8);
    }
  }

  private static String describe(RecordedEvent event) {
    return event.getEventType().getName().substring("io.caisson.".length())
        + " "
        + event.getValue(event.hasField("budget") ? "budget" : "allocator")
        + " "
        + event.getLong(event.hasField("requested") ? "requested" : "byteSize");
  }

  @Test
  void recording_withTheShippedSettings_hasEveryEvent() throws Exception {
    List<RecordedEvent> events = record(shippedSettings(), MemoryEventsTest::work);
    assertEquals(
        List.of(
            "LargeAllocation system 1048576",
            "LargeFree system 1048576",
            "LargeAllocation system 2097152",
            "LargeFree system 2097152",
            "Chunk request 4096",
            "Chunk cells 65536",
            "BudgetRefusal small 1001",
            "Leak system 24"),
        events.stream().map(MemoryEventsTest::describe).toList());
    for (RecordedEvent event : events) {
      assertTrue(
          event.getStackTrace().getFrames().stream()
              .anyMatch(frame -> frame.getMethod().getName().equals("work")),
          event::toString);
    }
    assertEquals(0, events.get(6).getLong("used"));
    assertEquals(1000, events.get(6).getLong("limit"));
    assertTrue(events.get(7).getString("allocation").contains("MemoryEventsTest.work"));
    assertEquals(events.get(0).getLong("address"), events.get(1).getLong("address"));
  }

  @Test
  void shippedSettings_nameEveryEvent() throws Exception {
    List<RecordedEvent> events = record(shippedSettings(), MemoryEventsTest::work);
    TreeSet<String> named =
        new TreeSet<>(events.stream().map(event -> event.getEventType().getName()).toList());
    named.addAll(List.of("io.caisson.EpochStall", "io.caisson.ReclamationRefusal")); // smr's
    assertEquals(
        named,
        shippedSettings().keySet().stream()
            .map(setting -> setting.substring(0, setting.indexOf('#')))
            .collect(Collectors.toCollection(TreeSet::new)));
  }

  @Test
  void recording_withEventsDisabled_hasNone() throws Exception {
    Map<String, String> disabled = shippedSettings();
    disabled.replaceAll((name, value) -> name.endsWith("#enabled") ? "false" : value);
    assertEquals(List.of(), record(disabled, MemoryEventsTest::work));
  }

  @Test
  void large_setting_isTheThreshold() throws Exception {
    System.setProperty("caisson.jfr.large", "2MiB");
    try {
      List<RecordedEvent> events = record(shippedSettings(), MemoryEventsTest::work);
      assertEquals("LargeAllocation system 2097152", describe(events.getFirst()));
      System.setProperty("caisson.jfr.large", "vast");
      IllegalArgumentException bad =
          assertThrows(IllegalArgumentException.class, Allocators::system);
      assertTrue(bad.getMessage().contains("caisson.jfr.large"), bad::getMessage);
    } finally {
      System.clearProperty("caisson.jfr.large");
    }
  }
}
