package io.caisson.alloc;

import io.caisson.alloc.internal.Setting;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * The tags of a program, a service or a test: names for what memory is used for, with an account
 * for each.
 *
 * <pre>{@code
 * TagTree tags = new TagTree();
 * Allocator nodes = new TaggedAllocator(allocator, tags.tag("graph.node"));
 * }</pre>
 *
 * <p>A tag is named by a path with dots, and is below the tag that the path without its last name
 * names. It is made when it is first asked for and stays; it takes some 10 KiB of heap, and 2 KiB
 * for each thread that allocates under it. Thread-safe.
 */
public final class TagTree {

  /** The key under which metrics show a tag. */
  public static final String KEY = "alloc.op";

  /** What has no tag of its own. */
  public static final String GENERAL = "general";

  /** Edges of graphs. */
  public static final String EDGE = "edge";

  /** Nodes of graphs and trees. */
  public static final String NODE = "node";

  /** What parsers need. */
  public static final String PARSE = "parse";

  /** Encoders and decoders of CBOR. */
  public static final String CBOR = "cbor";

  /** Plugins. */
  public static final String PLUGIN = "plugin";

  /** Caches. */
  public static final String CACHE = "cache";

  /** What is soon given back. */
  public static final String TEMP = "temp";

  /** The operation of rebuilding a cache. */
  public static final String CACHE_REBUILD = "cache.rebuild";

  /** The operation of querying attributes. */
  public static final String ATTRIBUTE_QUERY = "attr.query";

  /** The operation of reading a journal. */
  public static final String JOURNAL_READ = "journal.read";

  private static final Setting GROWTH_SAMPLING =
      new Setting("caisson.arena.growth-sampling", "CAISSON_ARENA_GROWTH_SAMPLING");

  final int growthSampling = GROWTH_SAMPLING.positiveCount(1);
  final @Nullable TagBook book = BlockRegistry.isActive() ? new TagBook() : null;
  private final ConcurrentSkipListMap<String, Tag> tags = new ConcurrentSkipListMap<>();

  /**
   * Creates a tree without tags.
   *
   * @throws IllegalArgumentException if {@code caisson.arena.growth-sampling} is malformed
   */
  public TagTree() {}

  /**
   * Returns a tag, which is made if it is new, with those above it.
   *
   * @param path names with dots between them, each not blank
   * @return the tag
   * @throws IllegalArgumentException if a name is blank
   */
  public Tag tag(String path) {
    Tag tag = tags.get(path);
    return tag != null ? tag : create(path);
  }

  private Tag create(String path) {
    for (String name : path.split("\\.", -1)) {
      if (name.isBlank()) {
        throw new IllegalArgumentException(
            "tag '" + path + "'; expected names that are not blank, with dots between them");
      }
    }
    int dot = path.lastIndexOf('.');
    if (dot >= 0) {
      tag(path.substring(0, dot));
    }
    return tags.computeIfAbsent(path, created -> new Tag(this, created));
  }

  /**
   * Returns all tags.
   *
   * @return those there are now, in the order of their paths
   */
  public List<Tag> tags() {
    return List.copyOf(tags.values());
  }

  /** Returns the tags that are below no other. */
  List<Tag> roots() {
    return tags.values().stream().filter(tag -> tag.path().indexOf('.') < 0).toList();
  }

  List<Tag> childrenOf(String path) {
    String prefix = path + '.';
    Collection<Tag> below = tags.subMap(prefix, path + '/').values(); // '/' comes after '.'
    return below.stream().filter(tag -> tag.path().indexOf('.', prefix.length()) < 0).toList();
  }

  /**
   * Returns what was allocated under all tags.
   *
   * @return the sums now; the peak is the sum of the peaks, which is the most that it can have been
   */
  public AllocatorStats total() {
    AllocatorStats total = AllocatorStats.NONE;
    for (Tag tag : tags.values()) {
      total = total.plus(tag.stats().memory());
    }
    return total;
  }

  @Override
  public String toString() {
    return "tags" + tags.keySet();
  }
}
