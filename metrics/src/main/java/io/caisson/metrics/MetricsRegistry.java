package io.caisson.metrics;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.Budget;
import io.caisson.alloc.ConcurrentPoolAllocator;
import io.caisson.alloc.LeakDetectingAllocator;
import io.caisson.alloc.LeakReport;
import io.caisson.alloc.PressureSource;
import io.caisson.alloc.ResidentSet;
import io.caisson.alloc.Tag;
import io.caisson.alloc.TagTree;
import io.caisson.metrics.MetricsSnapshot.AllocatorEntry;
import io.caisson.metrics.MetricsSnapshot.BudgetEntry;
import io.caisson.metrics.MetricsSnapshot.DomainEntry;
import io.caisson.metrics.MetricsSnapshot.PoolEntry;
import io.caisson.metrics.MetricsSnapshot.TagEntry;
import io.caisson.smr.ReclamationDomain;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.BiFunction;

/**
 * What an application wants to be seen, by name: allocators, tags, budgets, reclamation domains.
 *
 * <pre>{@code
 * MetricsRegistry registry = new MetricsRegistry();
 * registry.register("nodes", allocator);
 * registry.register("graph", tags);
 * String page = PrometheusText.of(registry.snapshot());
 * }</pre>
 *
 * <p>A name is unique among things of one kind. What is registered is looked at from any thread
 * when somebody asks; being closed, it shows its last figures until it is unregistered. Thread-safe
 * and lock-free; a snapshot takes time in proportion to what is registered.
 */
public final class MetricsRegistry {

  private final InstantSource clock;
  private final PressureSource resident = new ResidentSet(Long.MAX_VALUE);
  private final Map<String, AccountedAllocator> allocators = new ConcurrentSkipListMap<>();
  private final Map<String, ConcurrentPoolAllocator> pools = new ConcurrentSkipListMap<>();
  private final Map<String, TagTree> trees = new ConcurrentSkipListMap<>();
  private final Map<String, Budget> budgets = new ConcurrentSkipListMap<>();
  private final Map<String, ReclamationDomain> domains = new ConcurrentSkipListMap<>();
  private final Map<String, LeakDetectingAllocator> detectors = new ConcurrentSkipListMap<>();

  /** Creates an empty registry with the system's clock. */
  public MetricsRegistry() {
    this(InstantSource.system());
  }

  /**
   * Creates an empty registry.
   *
   * @param clock what tells the time of snapshots
   */
  public MetricsRegistry(InstantSource clock) {
    this.clock = clock;
  }

  // ---- registering ----------------------------------------------------------------------------

  /**
   * Registers an allocator.
   *
   * @param name the name to show it under
   * @param allocator the allocator; it stays its owner's
   * @return this registry
   * @throws IllegalArgumentException if the name is blank, or taken by another allocator
   */
  public MetricsRegistry register(String name, @Borrowed AccountedAllocator allocator) {
    return put(allocators, "allocator", name, allocator);
  }

  /**
   * Registers a pool.
   *
   * @param name the name to show it under
   * @param pool the pool; it stays its owner's
   * @return this registry
   * @throws IllegalArgumentException if the name is blank, or taken by another pool
   */
  public MetricsRegistry register(String name, @Borrowed ConcurrentPoolAllocator pool) {
    return put(pools, "pool", name, pool);
  }

  /**
   * Registers a tree of tags, with those that it will have later.
   *
   * @param name the name to show it under
   * @param tags the tree
   * @return this registry
   * @throws IllegalArgumentException if the name is blank, or taken by another tree
   */
  public MetricsRegistry register(String name, TagTree tags) {
    return put(trees, "tree of tags", name, tags);
  }

  /**
   * Registers a budget, without those within it.
   *
   * @param name the name to show it under
   * @param budget the budget; it stays its owner's
   * @return this registry
   * @throws IllegalArgumentException if the name is blank, or taken by another budget
   */
  public MetricsRegistry register(String name, @Borrowed Budget budget) {
    return put(budgets, "budget", name, budget);
  }

  /**
   * Registers a reclamation domain.
   *
   * @param name the name to show it under
   * @param domain the domain; it stays its owner's
   * @return this registry
   * @throws IllegalArgumentException if the name is blank, or taken by another domain
   */
  public MetricsRegistry register(String name, @Borrowed ReclamationDomain domain) {
    return put(domains, "domain", name, domain);
  }

  /**
   * Registers a leak detector, which is asked only for {@link #leaks}.
   *
   * @param name the name to show it under
   * @param detector the detector; it stays its owner's
   * @return this registry
   * @throws IllegalArgumentException if the name is blank, or taken by another detector
   */
  public MetricsRegistry register(String name, @Borrowed LeakDetectingAllocator detector) {
    return put(detectors, "leak detector", name, detector);
  }

  private <T> MetricsRegistry put(Map<String, T> map, String kind, String name, T what) {
    if (name.isBlank()) {
      throw new IllegalArgumentException(kind + " with a blank name; expected one to show");
    }
    T before = map.putIfAbsent(name, what);
    if (before != null && before != what) {
      throw new IllegalArgumentException(
          "another " + kind + " is registered as '" + name + "'; expected a name of its own");
    }
    return this;
  }

  /**
   * Forgets whatever is registered under a name, of every kind.
   *
   * @param name the name; unknown ones are none to forget
   * @return whether there was anything
   */
  public boolean unregister(String name) {
    boolean found = false;
    for (Map<String, ?> map : List.of(allocators, pools, trees, budgets, domains, detectors)) {
      found |= map.remove(name) != null;
    }
    return found;
  }

  // ---- looking --------------------------------------------------------------------------------

  /**
   * Looks at everything once, save for leaks.
   *
   * @return the figures now
   */
  public MetricsSnapshot snapshot() {
    PressureSource.Reading reading = resident.read();
    return new MetricsSnapshot(
        clock.instant(),
        reading == null ? 0 : reading.used(),
        list(allocators, (name, it) -> new AllocatorEntry(name, it.stats())),
        list(pools, (name, it) -> new PoolEntry(name, it.stats())),
        tags(),
        list(budgets, MetricsRegistry::entry),
        list(domains, (name, it) -> new DomainEntry(name, it.stats())));
  }

  private static <T, E> List<E> list(Map<String, T> map, BiFunction<String, T, E> entry) {
    List<E> entries = new ArrayList<>();
    map.forEach((name, it) -> entries.add(entry.apply(name, it)));
    return entries;
  }

  private List<TagEntry> tags() {
    List<TagEntry> entries = new ArrayList<>();
    trees.forEach((name, tree) -> {
      for (Tag tag : tree.tags()) {
        entries.add(new TagEntry(name, tag.stats()));
      }
    });
    return entries;
  }

  private static BudgetEntry entry(String name, Budget budget) {
    Budget parent = budget.parent();
    return new BudgetEntry(
        name,
        parent == null ? null : parent.name(),
        budget.limit(),
        budget.used(),
        budget.peak(),
        budget.refusals());
  }

  /**
   * Asks the leak detectors for the blocks that are out, which are leaks if nobody should own a
   * block by now.
   *
   * <p>Takes time in proportion to the number of tracked blocks, and tells the listeners of the
   * detectors.
   *
   * @return the reports, in the order of the names of the detectors
   * @see LeakDetectingAllocator#report
   */
  public List<LeakReport> leaks() {
    return list(detectors, (_, detector) -> detector.report());
  }

  /** Returns the trees of tags, by name. */
  Map<String, TagTree> trees() {
    return trees;
  }

  @Override
  public String toString() {
    return "metrics[allocators "
        + allocators.keySet()
        + ", tags "
        + trees.keySet()
        + ", budgets "
        + budgets.keySet()
        + ", domains "
        + domains.keySet()
        + "]";
  }
}
