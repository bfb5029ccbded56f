package io.caisson.metrics;

import io.caisson.alloc.AllocatorStats;
import io.caisson.alloc.PoolStats;
import io.caisson.smr.DomainStats;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;

/**
 * Shows a registry as a {@link CaissonMXBean} in the platform's MBean server for as long as it is
 * open. Each attribute that a client reads looks at the registry anew. Thread-safe.
 */
public final class JmxRegistration implements AutoCloseable {

  /** The domain of the name. */
  private static final String DOMAIN = "io.caisson";

  private final ObjectName name;

  /**
   * Registers a registry as {@code io.caisson:type=Metrics,name=...}.
   *
   * @param registry the registry
   * @param name the last part of the name; it is quoted if that is needed
   * @throws IllegalStateException if another MBean has that name
   */
  public JmxRegistration(MetricsRegistry registry, String name) {
    this.name = objectName(name);
    try {
      server().registerMBean(new Bean(registry), this.name);
    } catch (JMException e) {
      throw new IllegalStateException("cannot register " + this.name + ": " + e.getMessage(), e);
    }
  }

  private static ObjectName objectName(String name) {
    String value = name.matches("[\\w. -]+") ? name : ObjectName.quote(name);
    try {
      return new ObjectName(DOMAIN + ":type=Metrics,name=" + value);
    } catch (MalformedObjectNameException e) {
      throw new IllegalArgumentException("name '" + name + "'; expected one for an MBean", e);
    }
  }

  private static MBeanServer server() {
    return ManagementFactory.getPlatformMBeanServer();
  }

  /**
   * Returns the name.
   *
   * @return what the MBean is registered as
   */
  public ObjectName name() {
    return name;
  }

  /** Unregisters the MBean. Closing it again does nothing. */
  @Override
  public void close() {
    try {
      server().unregisterMBean(name);
    } catch (InstanceNotFoundException e) {
      // Closed before, or unregistered by somebody else: it is not there, as it should be.
    } catch (JMException e) {
      throw new IllegalStateException("cannot unregister " + name + ": " + e.getMessage(), e);
    }
  }

  private record Bean(MetricsRegistry registry) implements CaissonMXBean {

    private static <E, V> Map<String, V> map(
        List<E> entries, Function<E, String> key, Function<E, V> value) {
      Map<String, V> map = new LinkedHashMap<>();
      entries.forEach(entry -> map.put(key.apply(entry), value.apply(entry)));
      return map;
    }

    @Override
    public long getLiveBytes() {
      return registry.snapshot().allocators().stream()
          .mapToLong(it -> it.stats().liveBytes())
          .sum();
    }

    @Override
    public long getGarbageBytes() {
      return registry.snapshot().domains().stream()
          .mapToLong(it -> it.stats().garbageBytes())
          .sum();
    }

    @Override
    public long getResidentBytes() {
      return registry.snapshot().residentBytes();
    }

    @Override
    public Map<String, AllocatorStats> getAllocators() {
      return map(registry.snapshot().allocators(), it -> it.name(), it -> it.stats());
    }

    @Override
    public Map<String, PoolStats> getPools() {
      return map(registry.snapshot().pools(), it -> it.name(), it -> it.stats());
    }

    @Override
    public Map<String, TagFigures> getTags() {
      return map(
          registry.snapshot().tags(),
          it -> it.tree() + ':' + it.stats().path(),
          it ->
              new TagFigures(
                  it.stats().memory(),
                  it.stats().operations(),
                  it.stats().lastOperationPeak(),
                  it.stats().highestOperationPeak(),
                  it.stats().sizes().percentile(50),
                  it.stats().sizes().percentile(90),
                  it.stats().sizes().percentile(99)));
    }

    @Override
    public Map<String, BudgetFigures> getBudgets() {
      return map(
          registry.snapshot().budgets(),
          it -> it.name(),
          it -> new BudgetFigures(it.limit(), it.used(), it.peak(), it.refusals()));
    }

    @Override
    public Map<String, DomainStats> getDomains() {
      return map(registry.snapshot().domains(), it -> it.name(), it -> it.stats());
    }

    @Override
    public String json() {
      return MetricsJson.of(registry.snapshot());
    }
  }
}
