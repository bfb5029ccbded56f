package io.caisson.collections;

import com.google.common.collect.testing.ListTestSuiteBuilder;
import com.google.common.collect.testing.MapTestSuiteBuilder;
import com.google.common.collect.testing.SampleElements;
import com.google.common.collect.testing.TestListGenerator;
import com.google.common.collect.testing.TestMapGenerator;
import com.google.common.collect.testing.features.CollectionFeature;
import com.google.common.collect.testing.features.CollectionSize;
import com.google.common.collect.testing.features.ListFeature;
import com.google.common.collect.testing.features.MapFeature;
import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import junit.framework.Test;
import junit.framework.TestSuite;
import org.junit.runner.RunWith;
import org.junit.runners.AllTests;

/** Holds the live views as {@code java.util} collections to Guava's suites. */
@RunWith(AllTests.class)
public final class JavaUtilViewsTest {

  private JavaUtilViewsTest() {}

  /** Makes collections for a suite, and closes those of each test after it. */
  private static final class Source {
    private final List<AutoCloseable> made = new ArrayList<>();
    private AccountedAllocator allocator = Allocators.system();

    <C extends AutoCloseable> C make(Function<Allocator, C> factory) {
      C collection = factory.apply(allocator);
      made.add(collection);
      return collection;
    }

    void closeAll() {
      try {
        for (AutoCloseable collection : made) {
          collection.close();
        }
      } catch (Exception e) {
        throw new AssertionError(e);
      }
      made.clear();
      allocator.close(); // throws if anything leaked
      allocator = Allocators.system();
    }
  }

  @SuppressWarnings("exports") // the runner wants the method public, in a public class
  public static Test suite() {
    TestSuite suite = new TestSuite();
    suite.addTest(
        list(
            "LongVector.asList",
            new SampleElements<>(0L, -1L, Long.MAX_VALUE, Long.MIN_VALUE, 42L),
            (source, values) -> {
              LongVector vector = source.make(LongVector::new);
              vector.addAll(values.stream().mapToLong(Long::longValue).toArray());
              return vector.asList();
            }));
    suite.addTest(
        list(
            "IntVector.asList",
            new SampleElements<>(0, -1, Integer.MAX_VALUE, Integer.MIN_VALUE, 42),
            (source, values) -> {
              IntVector vector = source.make(IntVector::new);
              vector.addAll(values.stream().mapToInt(Integer::intValue).toArray());
              return vector.asList();
            }));
    suite.addTest(
        list(
            "DoubleVector.asList",
            new SampleElements<>(0.0, -0.0, Double.NaN, Double.MAX_VALUE, 1.5),
            (source, values) -> {
              DoubleVector vector = source.make(DoubleVector::new);
              vector.addAll(values.stream().mapToDouble(Double::doubleValue).toArray());
              return vector.asList();
            }));
    suite.addTest(map());
    return suite;
  }

  private interface ListMaker<E> {
    List<E> make(Source source, List<E> values);
  }

  private static <E> Test list(String name, SampleElements<E> samples, ListMaker<E> maker) {
    Source source = new Source();
    return ListTestSuiteBuilder.using(
            new TestListGenerator<E>() {
              @Override
              public SampleElements<E> samples() {
                return samples;
              }

              @Override
              @SuppressWarnings("unchecked")
              public List<E> create(Object... elements) {
                return maker.make(source, (List<E>) Arrays.asList(elements));
              }

              @Override
              @SuppressWarnings("unchecked")
              public E[] createArray(int length) {
                return (E[]) Array.newInstance(samples.e0().getClass(), length);
              }

              @Override
              public Iterable<E> order(List<E> insertionOrder) {
                return insertionOrder;
              }
            })
        .named(name)
        .withFeatures(
            CollectionSize.ANY,
            ListFeature.GENERAL_PURPOSE,
            CollectionFeature.ALLOWS_NULL_QUERIES,
            CollectionFeature.FAILS_FAST_ON_CONCURRENT_MODIFICATION)
        .withTearDown(source::closeAll)
        .createTestSuite();
  }

  private static Test map() {
    Source source = new Source();
    return MapTestSuiteBuilder.using(new LongMapGenerator(source))
        .named("LongLongTable.asMap")
        .withFeatures(
            CollectionSize.ANY,
            MapFeature.GENERAL_PURPOSE,
            MapFeature.ALLOWS_ANY_NULL_QUERIES,
            MapFeature.FAILS_FAST_ON_CONCURRENT_MODIFICATION,
            CollectionFeature.SUPPORTS_ITERATOR_REMOVE)
        .withTearDown(source::closeAll)
        .createTestSuite();
  }

  private record LongMapGenerator(Source source) implements TestMapGenerator<Long, Long> {
    @Override
    public SampleElements<Map.Entry<Long, Long>> samples() {
      return new SampleElements<>(
          Map.entry(0L, 1L),
          Map.entry(-1L, 2L),
          Map.entry(Long.MAX_VALUE, 3L),
          Map.entry(Long.MIN_VALUE, 4L),
          Map.entry(42L, 5L));
    }

    @Override
    public Map<Long, Long> create(Object... elements) {
      Map<Long, Long> map = source.make(LongLongTable::new).asMap();
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
      return insertionOrder;
    }
  }
}
