package io.caisson.metrics;

import io.caisson.alloc.AllocatorStats;
import io.caisson.alloc.PoolStats;
import io.caisson.alloc.TagStats;
import io.caisson.smr.DomainStats;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What everything registered with a {@link MetricsRegistry} had done at one time.
 *
 * <p>Immutable. Taken while others work, the figures are each close but need not agree.
 *
 * @param time when it was taken
 * @param residentBytes what the process has resident of all its memory, or 0 if that is not known
 * @param allocators the accounts, by name
 * @param pools the pools, by name
 * @param tags the tags, by tree and path
 * @param budgets the budgets, by name
 * @param domains the reclamation domains, by name
 */
public record MetricsSnapshot(
    Instant time,
    long residentBytes,
    List<AllocatorEntry> allocators,
    List<PoolEntry> pools,
    List<TagEntry> tags,
    List<BudgetEntry> budgets,
    List<DomainEntry> domains) {

  /**
   * An accounted allocator.
   *
   * @param name the name it is registered under
   * @param stats its account
   */
  public record AllocatorEntry(String name, AllocatorStats stats) {}

  /**
   * A pool.
   *
   * @param name the name it is registered under
   * @param stats what it has in hand
   */
  public record PoolEntry(String name, PoolStats stats) {}

  /**
   * A tag.
   *
   * @param tree the name its tree is registered under
   * @param stats its account, with its path
   */
  public record TagEntry(String tree, TagStats stats) {}

  /**
   * A budget.
   *
   * @param name the name it is registered under
   * @param parent what the budget that it is within calls itself, or null if there is none
   * @param limit the most that may be reserved, in bytes
   * @param used what is reserved, in bytes
   * @param peak the most that ever was, in bytes
   * @param refusals how many requests it has refused
   */
  public record BudgetEntry(
      String name, @Nullable String parent, long limit, long used, long peak, long refusals) {}

  /**
   * A reclamation domain.
   *
   * @param name the name it is registered under
   * @param stats what it did and holds
   */
  public record DomainEntry(String name, DomainStats stats) {}

  /**
   * Creates a snapshot.
   *
   * @param time when it was taken
   * @param residentBytes what the process has resident of all its memory, or 0 if that is not known
   * @param allocators the accounts, by name
   * @param pools the pools, by name
   * @param tags the tags, by tree and path
   * @param budgets the budgets, by name
   * @param domains the reclamation domains, by name
   */
  public MetricsSnapshot {
    allocators = List.copyOf(allocators);
    pools = List.copyOf(pools);
    tags = List.copyOf(tags);
    budgets = List.copyOf(budgets);
    domains = List.copyOf(domains);
  }
}
