package io.caisson.collections;

import com.google.common.collect.testing.ConcurrentNavigableMapTestSuiteBuilder;
import com.google.common.collect.testing.NavigableSetTestSuiteBuilder;
import com.google.common.collect.testing.SampleElements;
import com.google.common.collect.testing.TestSortedMapGenerator;
import com.google.common.collect.testing.TestSortedSetGenerator;
import com.google.common.collect.testing.features.CollectionFeature;
import com.google.common.collect.testing.features.CollectionSize;
import com.google.common.collect.testing.features.MapFeature;
import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocators;
import io.caisson.smr.ReclamationDomain;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import junit.framework.Test;
import junit.framework.TestSuite;
import org.junit.runner.RunWith;
import org.junit.runners.AllTests;

/** Holds the ordered map and set as {@code java.util} collections to Guava's suites. */
@RunWith(AllTests.class)
public final class OrderedViewsTest {

  private OrderedViewsTest() {}

  @SuppressWarnings("exports") // the runner wants the method public, in a public class
  public static Test suite() {
    TestSuite suite = new TestSuite();
    Source maps = new Source();
    suite.addTest(
        ConcurrentNavigableMapTestSuiteBuilder.using(new MapGenerator(maps))
            .named("ConcurrentLongLongOrderedMap.asMap")
            .withFeatures(
                CollectionSize.ANY,
                MapFeature.GENERAL_PURPOSE,
                CollectionFeature.SUPPORTS_ITERATOR_REMOVE)
            .withTearDown(maps::closeAll)
            .createTestSuite());
    Source sets = new Source();
    suite.addTest(
        NavigableSetTestSuiteBuilder.using(new SetGenerator(sets))
            .named("ConcurrentLongOrderedSet.asSet")
            .withFeatures(
                CollectionSize.ANY,
                CollectionFeature.GENERAL_PURPOSE,
                CollectionFeature.KNOWN_ORDER)
            .withTearDown(sets::closeAll)
            .createTestSuite());
    return suite;
  }

  /** Makes collections for a suite, and closes those of each test after it. */
  private static final class Source {
    private final AccountedAllocator allocator = Allocators.system();
    private final ReclamationDomain domain = ReclamationDomain.builder().slots(4).build();
    private final Deque<AutoCloseable> made = new ArrayDeque<>();

    ConcurrentLongLongOrderedMap map() {
      ConcurrentLongLongOrderedMap map = new ConcurrentLongLongOrderedMap(allocator, domain);
      made.push(map);
      return map;
    }

    ConcurrentLongOrderedSet set() {
      ConcurrentLongOrderedSet set = new ConcurrentLongOrderedSet(allocator, domain);
      made.push(set);
      return set;
    }

    /** Nothing may be left. One allocator serves all: in checked memory its end takes its time. */
    void closeAll() {
      try {
        while (!made.isEmpty()) {
          made.pop().close();
        }
      } catch (Exception e) {
        throw new AssertionError(e);
      }
      domain.drain();
      if (allocator.stats().liveBlocks() != 0) {
        throw new AssertionError(allocator.stats() + " is left");
      }
    }
  }

  private record MapGenerator(Source source) implements TestSortedMapGenerator<Long, Long> {
    @Override
    public SampleElements<Map.Entry<Long, Long>> samples() {
      return new SampleElements<>(
          Map.entry(-7L, 1L),
          Map.entry(-1L, 2L),
          Map.entry(0L, 3L),
          Map.entry(1L, 4L),
          Map.entry(42L, 5L));
    }

    @Override
    public SortedMap<Long, Long> create(Object... elements) {
      SortedMap<Long, Long> map = source.map().asMap();
      for (Object element : elements) {
        Map.Entry<?, ?> entry = (Map.Entry<?, ?>) element;
        map.put((Long) entry.getKey(), (Long) entry.getValue());
      }
      return map;
    }

    @Override
    @SuppressWarnings("unchecked")
    public Map.Entry<Long, Long>[] createArray(int length) {
      return (Map.Entry<Long, Long>[]) new Map.Entry<?, ?>[length];
    }

    @Override
    public Long[] createKeyArray(int length) {
      return new Long[length];
    }

    @Override
    public Long[] createValueArray(int length) {
      return new Long[length];
    }

    @Override
    public Iterable<Map.Entry<Long, Long>> order(List<Map.Entry<Long, Long>> insertionOrder) {
      SortedMap<Long, Map.Entry<Long, Long>> sorted = new TreeMap<>();
      insertionOrder.forEach(entry -> sorted.put(entry.getKey(), entry));
      return sorted.values();
    }

    @Override
    public Map.Entry<Long, Long> belowSamplesLesser() {
      return Map.entry(Long.MIN_VALUE, 6L);
    }

    @Override
    public Map.Entry<Long, Long> belowSamplesGreater() {
      return Map.entry(-8L, 7L);
    }

    @Override
    public Map.Entry<Long, Long> aboveSamplesLesser() {
      return Map.entry(43L, 8L);
    }

    @Override
    public Map.Entry<Long, Long> aboveSamplesGreater() {
      return Map.entry(Long.MAX_VALUE, 9L);
    }
  }

  private record SetGenerator(Source source) implements TestSortedSetGenerator<Long> {
    @Override
    public SampleElements<Long> samples() {
      return new SampleElements<>(-7L, -1L, 0L, 1L, 42L);
    }

    @Override
    public SortedSet<Long> create(Object... elements) {
      SortedSet<Long> set = source.set().asSet();
      for (Object element : elements) {
        set.add((Long) element);
      }
      return set;
    }

    @Override
    public Long[] createArray(int length) {
      return new Long[length];
    }

    @Override
    public Iterable<Long> order(List<Long> insertionOrder) {
      return new TreeSet<>(insertionOrder);
    }

    @Override
    public Long belowSamplesLesser() {
      return Long.MIN_VALUE;
    }

    @Override
    public Long belowSamplesGreater() {
      return -8L;
    }

    @Override
    public Long aboveSamplesLesser() {
      return 43L;
    }

    @Override
    public Long aboveSamplesGreater() {
      return Long.MAX_VALUE;
    }
  }
}
