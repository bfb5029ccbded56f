package io.caisson.collections;

import com.google.common.collect.testing.ListTestSuiteBuilder;
import com.google.common.collect.testing.MapTestSuiteBuilder;
import com.google.common.collect.testing.SampleElements;
import com.google.common.collect.testing.SetTestSuiteBuilder;
import com.google.common.collect.testing.TestListGenerator;
import com.google.common.collect.testing.TestMapGenerator;
import com.google.common.collect.testing.TestSetGenerator;
import com.google.common.collect.testing.features.CollectionFeature;
import com.google.common.collect.testing.features.CollectionSize;
import com.google.common.collect.testing.features.ListFeature;
import com.google.common.collect.testing.features.MapFeature;
import com.google.common.collect.testing.features.SetFeature;
import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    private final AccountedAllocator allocator = Allocators.system();

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
      if (allocator.stats().liveBlocks() != 0) { // closing takes its time in checked memory
        throw new AssertionError(allocator.stats() + " is left");
      }
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
    suite.addTest(
        map(
            "LongLongTable.asMap",
            List.of(
                Map.entry(0L, 1L),
                Map.entry(-1L, 2L),
                Map.entry(Long.MAX_VALUE, 3L),
                Map.entry(Long.MIN_VALUE, 4L),
                Map.entry(42L, 5L)),
            source -> source.make(LongLongTable::new).asMap()));
    suite.addTest(
        map(
            "BytesLongTable.asMap",
            List.of(
                Map.entry(bytes(""), 1L),
                Map.entry(bytes("a"), 2L),
                Map.entry(bytes("b"), 3L),
                Map.entry(bytes("a longer key than most"), 4L),
                Map.entry(bytes("ab"), 5L)),
            source -> source.make(BytesLongTable::new).asMap()));
    suite.addTest(
        map(
            "BytesTable.asMap",
            List.of(
                Map.entry(bytes(""), bytes("one")),
                Map.entry(bytes("a"), bytes("two")),
                Map.entry(bytes("b"), bytes("")),
                Map.entry(bytes("a longer key than most"), bytes("four")),
                Map.entry(bytes("ab"), bytes("five"))),
            source -> source.make(BytesTable::new).asMap()));
    suite.addTest(
        set(
            "LongSet.asSet",
            new SampleElements<>(0L, -1L, Long.MAX_VALUE, Long.MIN_VALUE, 42L),
            source -> source.make(LongSet::new).asSet()));
    suite.addTest(
        set(
            "BytesSet.asSet",
            new SampleElements<>(bytes(""), bytes("a"), bytes("b"), bytes("longer"), bytes("ab")),
            source -> source.make(BytesSet::new).asSet()));
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

  private static <K, V> Test map(
      String name, List<Map.Entry<K, V>> samples, Function<Source, Map<K, V>> maker) {
    Source source = new Source();
    return MapTestSuiteBuilder.using(new MapGenerator<>(source, samples, maker))
        .named(name)
        .withFeatures(
            CollectionSize.ANY,
            MapFeature.GENERAL_PURPOSE,
            MapFeature.ALLOWS_ANY_NULL_QUERIES,
            MapFeature.FAILS_FAST_ON_CONCURRENT_MODIFICATION,
            CollectionFeature.SUPPORTS_ITERATOR_REMOVE)
        .withTearDown(source::closeAll)
        .createTestSuite();
  }

  private static <E> Test set(
      String name, SampleElements<E> samples, Function<Source, Set<E>> maker) {
    Source source = new Source();
    return SetTestSuiteBuilder.using(
            new TestSetGenerator<E>() {
              @Override
              public SampleElements<E> samples() {
                return samples;
              }

              @Override
              @SuppressWarnings("unchecked")
              public Set<E> create(Object... elements) {
                Set<E> set = maker.apply(source);
                set.addAll((List<E>) Arrays.asList(elements));
                return set;
              }

              @Override
              @SuppressWarnings("unchecked")
              public E[] createArray(int length) {
                return (E[]) new Object[length];
              }

              @Override
              public Iterable<E> order(List<E> insertionOrder) {
                return insertionOrder;
              }
            })
        .named(name)
        .withFeatures(
            CollectionSize.ANY,
            SetFeature.GENERAL_PURPOSE,
            CollectionFeature.ALLOWS_NULL_QUERIES,
            CollectionFeature.FAILS_FAST_ON_CONCURRENT_MODIFICATION)
        .withTearDown(source::closeAll)
        .createTestSuite();
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)).asReadOnlyBuffer();
  }

  private record MapGenerator<K, V>(
      Source source, List<Map.Entry<K, V>> entries, Function<Source, Map<K, V>> maker)
      implements TestMapGenerator<K, V> {
    @Override
    public SampleElements<Map.Entry<K, V>> samples() {
      return new SampleElements<>(
          entries.get(0), entries.get(1), entries.get(2), entries.get(3), entries.get(4));
    }

    @Override
    @SuppressWarnings("unchecked")
    public Map<K, V> create(Object... elements) {
      Map<K, V> map = maker.apply(source);
      for (Object element : elements) {
        Map.Entry<K, V> entry = (Map.Entry<K, V>) element;
        map.put(entry.getKey(), entry.getValue());
      }
      return map;
    }

    @Override
    @SuppressWarnings("unchecked")
    public Map.Entry<K, V>[] createArray(int length) {
      return (Map.Entry<K, V>[]) new Map.Entry<?, ?>[length];
    }

    @Override
    @SuppressWarnings("unchecked")
    public K[] createKeyArray(int length) {
      return (K[]) new Object[length];
    }

    @Override
    @SuppressWarnings("unchecked")
    public V[] createValueArray(int length) {
      return (V[]) new Object[length];
    }

    @Override
    public Iterable<Map.Entry<K, V>> order(List<Map.Entry<K, V>> insertionOrder) {
      return insertionOrder;
    }
  }
}
