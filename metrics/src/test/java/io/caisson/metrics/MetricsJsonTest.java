package io.caisson.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.StringWriter;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MetricsJsonTest {

  private static JsonObject first(JsonObject snapshot, String array) {
    return snapshot.getAsJsonArray(array).get(0).getAsJsonObject();
  }

  private static Set<String> components(Class<?> record) {
    return Arrays.stream(record.getRecordComponents())
        .map(RecordComponent::getName)
        .collect(Collectors.toSet());
  }

  @Test
  void of_everything_isReadBack() {
    try (Workload workload = new Workload()) {
      String text = MetricsJson.of(workload.registry.snapshot());
      assertEquals(1, text.lines().count());
      JsonObject json = JsonParser.parseString(text).getAsJsonObject();
      assertEquals("2026-01-02T03:04:05Z", json.get("time").getAsString());
      assertEquals(Workload.AWKWARD, first(json, "allocators").get("name").getAsString());
      JsonObject nodes = json.getAsJsonArray("tags").get(3).getAsJsonObject();
      assertEquals("graph.node", nodes.get("path").getAsString());
      assertEquals(30_000, nodes.get("liveBytes").getAsLong());
      assertEquals(
          "{\"count\":300,\"p50\":112,\"p90\":112,\"p99\":112,"
              + "\"buckets\":[{\"byteSizeUpTo\":112,\"count\":300}]}",
          nodes.get("sizes").toString());
      assertEquals("service", first(json, "budgets").get("parent").getAsString());
      assertEquals(192, first(json, "domains").get("garbageBytes").getAsLong());
    }
  }

  @Test
  void of_everything_hasAllComponents() {
    try (Workload workload = new Workload()) {
      MetricsSnapshot snapshot = workload.registry.snapshot();
      JsonObject json = JsonParser.parseString(MetricsJson.of(snapshot)).getAsJsonObject();
      assertEquals(components(MetricsSnapshot.class), json.keySet());
      assertTrue(
          first(json, "allocators")
              .keySet()
              .containsAll(components(snapshot.allocators().getFirst().stats().getClass())));
      assertEquals(
          components(snapshot.domains().getFirst().stats().getClass()),
          first(json, "domains").keySet());
      assertTrue(
          first(json, "pools")
              .keySet()
              .containsAll(components(snapshot.pools().getFirst().stats().getClass())));
    }
  }

  @Test
  void lines_eachSnapshot_isOne() {
    StringWriter out = new StringWriter();
    try (Workload workload = new Workload();
        MetricsTimeline timeline = new MetricsTimeline(workload.registry, 2)) {
      timeline.add(new JsonLines(out));
      timeline.sample();
      timeline.sample();
    }
    List<String> lines = out.toString().lines().toList();
    assertEquals(2, lines.size());
    lines.forEach(line -> assertTrue(JsonParser.parseString(line).isJsonObject(), line));
  }
}
