package io.caisson.examples.index;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocators;
import io.caisson.collections.BytesLongTable;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TopStringsTest {

  @Test
  void of_anyLimit_isTheHeadOfAllInOrder() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Map<String, Long> counts = new HashMap<>();
    try (AccountedAllocator allocator = Allocators.system();
        BytesLongTable table = new BytesLongTable(allocator)) {
      for (int i = 0; i < 1_000; i++) {
        byte[] key = new byte[random.nextInt(3)];
        random.nextBytes(key);
        table.addTo(key, 1);
        counts.merge(new String(key, ISO_8859_1), 1L, Long::sum);
      }
      List<String> all = counts.entrySet().stream().sorted(ORDER).map(Object::toString).toList();
      for (int limit : new int[] {0, 1, 10, all.size() - 1, all.size(), all.size() + 1}) {
        List<String> expected = all.subList(0, Math.min(limit, all.size()));
        assertEquals(expected, top(table, limit), "seed " + seed + ", limit " + limit);
      }
      assertEquals(all, top(table, Long.MAX_VALUE), "seed " + seed);
    }
  }

  private static final Comparator<Map.Entry<String, Long>> ORDER =
      Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry::getKey);

  private static List<String> top(BytesLongTable table, long limit) {
    return TopStrings.of(table, limit).stream()
        .map(top -> new String(top.bytes(), ISO_8859_1) + "=" + top.count())
        .toList();
  }
}
