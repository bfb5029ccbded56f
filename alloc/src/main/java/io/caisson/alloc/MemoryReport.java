package io.caisson.alloc;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Shows tags, budgets and allocators as a tree of text, for people.
 *
 * <pre>{@code
 * System.out.println(new MemoryReport().add(tags).add(budget).add(allocator).dump());
 * }</pre>
 *
 * <p>What is added is looked at when it is dumped, from any thread; figures are then each close but
 * need not agree while others allocate. Not thread-safe itself.
 */
public final class MemoryReport {

  private static final int ADVISED_BINS = 4;
  private static final long LARGEST_ADVISED_BIN = 16 << 10;

  /** A line, and the lines below it. */
  private record Node(String text, List<Node> children) {
    Node(String text, Node... children) {
      this(text, Arrays.asList(children));
    }
  }

  private final List<TagTree> tags = new ArrayList<>();
  private final List<Budget> budgets = new ArrayList<>();
  private final List<Allocator> allocators = new ArrayList<>();

  /** Creates a report of nothing. */
  public MemoryReport() {}

  /**
   * Adds a tree of tags.
   *
   * @param tree the tags
   * @return this report
   */
  public MemoryReport add(TagTree tree) {
    tags.add(tree);
    return this;
  }

  /**
   * Adds a budget and all within it.
   *
   * @param budget the budget; it must outlive the report
   * @return this report
   */
  public MemoryReport add(@Borrowed Budget budget) {
    budgets.add(budget);
    return this;
  }

  /**
   * Adds an allocator and all that is under it.
   *
   * @param allocator the allocator; it must outlive the report
   * @return this report
   */
  public MemoryReport add(@Borrowed Allocator allocator) {
    allocators.add(allocator);
    return this;
  }

  /**
   * Returns the report.
   *
   * @return a tree of lines
   */
  public String dump() {
    List<Node> parts = new ArrayList<>();
    tags.forEach(tree -> parts.add(node(tree)));
    budgets.forEach(budget -> parts.add(node(budget)));
    allocators.forEach(allocator -> parts.add(node(allocator)));
    StringBuilder text = new StringBuilder("memory\n");
    append(text, "", parts);
    return text.toString();
  }

  private static void append(StringBuilder text, String indent, List<Node> nodes) {
    for (int i = 0; i < nodes.size(); i++) {
      boolean isLast = i == nodes.size() - 1;
      text.append(indent).append(isLast ? "└─ " : "├─ ").append(nodes.get(i).text).append('\n');
      append(text, indent + (isLast ? "   " : "│  "), nodes.get(i).children);
    }
  }

  // ---- tags -----------------------------------------------------------------------------------

  private static Node node(TagTree tree) {
    List<Node> children = tree.roots().stream().map(MemoryReport::node).toList();
    return new Node("tags: " + describe(tree.total()), children);
  }

  private static Node node(Tag tag) {
    TagStats stats = tag.stats();
    List<Node> children = new ArrayList<>();
    if (stats.sizes().count() > 0) {
      children.add(new Node("sizes: " + stats.sizes(), bins(stats.sizes())));
    }
    if (stats.growths().count() > 0) {
      children.add(new Node("arenas grew by: " + stats.growths()));
    }
    if (stats.operations() > 0) {
      children.add(
          new Node(
              stats.operations()
                  + " operations, peak "
                  + ByteSize.format(stats.highestOperationPeak())
                  + ", of the last "
                  + ByteSize.format(stats.lastOperationPeak())));
    }
    tag.children().forEach(child -> children.add(node(child)));
    return new Node(tag.name() + ": " + describe(stats.memory()), children);
  }

  private static Node bins(SizeHistogram sizes) {
    SizeHistogram.BinAdvice advice = sizes.advise(ADVISED_BINS, LARGEST_ADVISED_BIN);
    return new Node(
        String.format(
            Locale.ROOT,
            "bins that would fit: %s, %.1f %% wasted, %d blocks too large",
            advice.bins(),
            100 * advice.wastedShare(),
            advice.tooLarge()));
  }

  private static String describe(AllocatorStats stats) {
    return ByteSize.format(stats.liveBytes())
        + " in "
        + stats.liveBlocks()
        + " blocks, peak "
        + ByteSize.format(stats.peakBytes())
        + ", "
        + stats.allocations()
        + " allocations, "
        + stats.failures()
        + " failures";
  }

  // ---- budgets --------------------------------------------------------------------------------

  private static Node node(Budget budget) {
    return new Node(
        "budget "
            + budget.name()
            + ": "
            + ByteSize.format(budget.used())
            + " of "
            + ByteSize.format(budget.limit())
            + ", peak "
            + ByteSize.format(budget.peak())
            + ", "
            + budget.refusals()
            + " refusals",
        budget.children().stream().map(MemoryReport::node).toList());
  }

  // ---- allocators -----------------------------------------------------------------------------

  /** Shows what any thread may look at: a single owner's figures are its own. */
  private static Node node(Allocator allocator) {
    return switch (allocator) {
      case AccountedAllocator it -> new Node("account: " + describe(it.stats()), node(it.raw()));
      case TaggedAllocator it -> new Node("tag " + it.tag(), node(it.allocator));
      case BudgetedAllocator it -> new Node("budget " + it.budget().name(), node(it.allocator));
      case LeakDetectingAllocator it -> new Node("leak detector, " + it.level(), node(it.wrapped));
      case GuardAllocator it -> new Node("guard", node(it.wrapped));
      case MockAllocator it -> new Node("mock", node(it.delegate));
      case ZeroOnFreeAllocator it -> new Node("zero on free", node(it.delegate));
      case ArenaAllocator it -> new Node("arena " + it.name(), node(it.parent));
      case PoolAllocator it -> new Node("pool " + it.name(), node(it.parent));
      case ConcurrentPoolAllocator it -> new Node("pool " + it.name() + ": " + it.stats());
      case RoutingAllocator it ->
          new Node("routing " + it.name(), it.targets().stream().map(MemoryReport::node).toList());
      default -> new Node(allocator.toString());
    };
  }

  @Override
  public String toString() {
    return dump();
  }
}
