package io.caisson.alloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TagTreeTest {

  private final TagTree tags = new TagTree();

  private static List<String> paths(List<Tag> tags) {
    return tags.stream().map(Tag::path).toList();
  }

  @Test
  void tag_newPath_makesThoseAboveIt() {
    Tag rebuild = tags.tag(TagTree.CACHE_REBUILD);
    assertEquals("rebuild", rebuild.name());
    assertEquals("cache.rebuild", rebuild.path());
    tags.tag("cache.rebuild.index");
    tags.tag("cache.evict");
    tags.tag("cache-else");
    tags.tag("cached");
    assertEquals(
        List.of(
            "cache", "cache-else", "cache.evict", "cache.rebuild", "cache.rebuild.index", "cached"),
        paths(tags.tags()));
    assertEquals(List.of("cache.evict", "cache.rebuild"), paths(tags.tag("cache").children()));
    assertEquals(List.of("cache", "cache-else", "cached"), paths(tags.roots()));
    assertSame(rebuild, tags.tag("cache.rebuild"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", ".", "a.", ".a", "a..b"})
  void tag_blankName_throws(String path) {
    IllegalArgumentException bad =
        assertThrows(IllegalArgumentException.class, () -> tags.tag(path));
    assertTrue(bad.getMessage().contains("'" + path + "'"), bad::getMessage);
    assertEquals(List.of(), tags.tags());
  }

  @Test
  void total_ofATag_hasThoseBelow() {
    tags.tag("a").allocated(1);
    tags.tag("a.b").allocated(20);
    tags.tag("a.b.c").allocated(300);
    tags.tag("d").allocated(4000);
    tags.tag("a.b").freed(20);
    assertEquals(new AllocatorStats(2, 301, 321, 3, 1, 321, 20, 0), tags.tag("a").total());
    assertEquals(4301, tags.total().liveBytes());
    assertEquals(0, tags.tag("a.b").stats().memory().liveBytes());
  }

  @Test
  void new_badSampling_throwsNamingIt() {
    System.setProperty("caisson.arena.growth-sampling", "0");
    try {
      IllegalArgumentException bad = assertThrows(IllegalArgumentException.class, TagTree::new);
      assertTrue(bad.getMessage().startsWith("caisson.arena.growth-sampling is '0'"));
    } finally {
      System.clearProperty("caisson.arena.growth-sampling");
    }
  }
}
