package io.caisson.metrics;

import io.caisson.alloc.AllocatorStats;
import io.caisson.alloc.PoolStats;
import io.caisson.smr.DomainStats;
import java.util.Map;

/**
 * What is registered, as JMX shows it: attributes of open types, for any client.
 *
 * @see JmxRegistration
 */
public interface CaissonMXBean {

  /**
   * A tag, its sizes given by percentiles.
   *
   * @param memory its account
   * @param operations how many operations have ended
   * @param lastOperationPeak the most that was out of the last of them, in bytes
   * @param highestOperationPeak the most that was out of any of them, in bytes
   * @param medianByteSize the size that half of the blocks do not exceed
   * @param p90ByteSize the size that 90 % of them do not exceed
   * @param p99ByteSize the size that 99 % of them do not exceed
   */
  record TagFigures(
      AllocatorStats memory,
      long operations,
      long lastOperationPeak,
      long highestOperationPeak,
      long medianByteSize,
      long p90ByteSize,
      long p99ByteSize) {}

  /**
   * A budget.
   *
   * @param limit the most that may be reserved, in bytes
   * @param used what is reserved, in bytes
   * @param peak the most that ever was, in bytes
   * @param refusals how many requests it has refused
   */
  record BudgetFigures(long limit, long used, long peak, long refusals) {}

  /**
   * Returns what is out of all allocators together.
   *
   * @return the sum in bytes
   */
  long getLiveBytes();

  /**
   * Returns what all reclamation domains have not freed yet.
   *
   * @return the sum in bytes
   */
  long getGarbageBytes();

  /**
   * Returns what the process has resident.
   *
   * @return all its memory in bytes, or 0 if that is not known
   */
  long getResidentBytes();

  /**
   * Returns the accounts.
   *
   * @return those of all allocators, by name
   */
  Map<String, AllocatorStats> getAllocators();

  /**
   * Returns the pools.
   *
   * @return what they have in hand, by name
   */
  Map<String, PoolStats> getPools();

  /**
   * Returns the tags.
   *
   * @return their figures, by the name of the tree, a colon and the path
   */
  Map<String, TagFigures> getTags();

  /**
   * Returns the budgets.
   *
   * @return their figures, by name
   */
  Map<String, BudgetFigures> getBudgets();

  /**
   * Returns the reclamation domains.
   *
   * @return what they did and hold, by name
   */
  Map<String, DomainStats> getDomains();

  /**
   * Returns everything as JSON.
   *
   * @return the form of {@link MetricsJson}
   */
  String json();
}
