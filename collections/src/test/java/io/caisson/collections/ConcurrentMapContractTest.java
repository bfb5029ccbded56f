package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.Allocator;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.ConcurrentModificationException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The maps of the JDK keep the contract, and maps that are broken do not. */
class ConcurrentMapContractTest {

  private record OnHeap(ConcurrentMap<Long, Long> map) implements ConcurrentMapSource.Shown {
    @Override
    public void close() {}
  }

  /** The hash map. */
  @Nested
  class OnConcurrentHashMap implements ConcurrentMapContract {
    @Override
    public Shown open(Allocator allocator) {
      return new OnHeap(new ConcurrentHashMap<>());
    }
  }

  /** The sorted one. */
  @Nested
  class OnConcurrentSkipListMap implements ConcurrentMapContract {
    @Override
    public Shown open(Allocator allocator) {
      return new OnHeap(new ConcurrentSkipListMap<>());
    }

    @Override
    public boolean entriesAreWritable() {
      return false;
    }
  }

  // ---- canaries ---------------------------------------------------------------------------------

  /** A map that is right but for what a canary overrides. */
  private static class Broken extends ConcurrentHashMap<Long, Long> {
    private static final long serialVersionUID = 1;
  }

  /** A map that is broken, and the test that must see it. */
  @SuppressWarnings({"ImmutableEnumChecker", "ThreadPriorityCheck"}) // others are to get between
  enum Canary {
    LOSES_MERGES(
        "merge_fromManyThreads_sumsExactly",
        () ->
            new Broken() {
              @Override
              public Long merge(
                  Long key,
                  Long value,
                  BiFunction<? super Long, ? super Long, ? extends Long> function) {
                Long old = get(key);
                Thread.yield();
                Long made = old == null ? value : function.apply(old, value);
                put(key, made);
                return made;
              }
            }),

    HAS_TWO_WINNERS(
        "putIfAbsent_fromManyThreads_hasOneWinner",
        () ->
            new Broken() {
              @Override
              public Long putIfAbsent(Long key, Long value) {
                Long old = get(key);
                Thread.yield();
                return old != null ? old : put(key, value);
              }
            }),

    PUTS_IF_PRESENT(
        "putIfAbsent_keyPresent_changesNothing",
        () ->
            new Broken() {
              @Override
              public Long putIfAbsent(Long key, Long value) {
                return put(key, value);
              }
            }),

    COMPARES_IDENTITIES(
        "replaceExpected_valueIsAnotherOrAbsent_changesNothing",
        () ->
            new Broken() {
              @Override
              @SuppressWarnings("BoxedPrimitiveEquality")
              public boolean replace(Long key, Long expected, Long value) {
                return get(key) == expected && super.replace(key, expected, value);
              }
            }),

    REMOVES_ANY_VALUE(
        "removeExpected_valueIsAnotherOrAbsent_changesNothing",
        () ->
            new Broken() {
              @Override
              public boolean remove(Object key, Object value) {
                return remove(key) != null;
              }
            }),

    KEEPS_WHAT_IS_COMPUTED_TO_NULL(
        "compute_eachCase_doesAsItSays",
        () ->
            new Broken() {
              @Override
              public Long compute(
                  Long key, BiFunction<? super Long, ? super Long, ? extends Long> function) {
                Long made = function.apply(key, get(key));
                return made == null ? null : put(key, made);
              }
            }),

    CHANGES_BEFORE_IT_COMPUTES(
        "computeIfPresent_eachCase_doesAsItSays",
        () ->
            new Broken() {
              @Override
              public Long computeIfPresent(
                  Long key, BiFunction<? super Long, ? super Long, ? extends Long> function) {
                Long old = remove(key);
                return old == null ? null : compute(key, (same, none) -> function.apply(same, old));
              }
            }),

    SWALLOWS_NULLS(
        "everyOperation_onNull_throwsAndChangesNothing",
        () ->
            new Broken() {
              @Override
              public Long get(Object key) {
                return key == null ? null : super.get(key);
              }
            }),

    SHOWS_A_COPY_OF_ITS_KEYS(
        "keySet_isChanged_writesThrough",
        () ->
            new FailingFast() {
              @Override
              public Set<Long> keySet() {
                return new HashMap<>(this).keySet();
              }
            }),

    SHOWS_A_COPY_OF_ITS_ENTRIES(
        "entry_isSet_writesThrough",
        () ->
            new Broken() {
              @Override
              public Set<Map.Entry<Long, Long>> entrySet() {
                return new HashMap<>(this) {
                  private static final long serialVersionUID = 1;
                }.entrySet();
              }
            }),

    FAILS_FAST("iterator_mapChangesMeanwhile_goesOn", FailingFast::new),

    FAILS_FAST_BETWEEN_THREADS(
        "keySetIterator_whileOthersChange_seesWhatStaysAndNothingTwice", FailingFast::new),

    IS_NOT_EQUAL(
        "equalsAndHashCode_sameEntries_agreeWithOtherMaps",
        () ->
            new Broken() {
              @Override
              public boolean equals(Object other) {
                return this == other;
              }

              @Override
              public int hashCode() {
                return System.identityHashCode(this);
              }
            });

    final String test;
    final Supplier<ConcurrentMap<Long, Long>> maps;

    Canary(String test, Supplier<ConcurrentMap<Long, Long>> maps) {
      this.test = test;
      this.maps = maps;
    }
  }

  /** A map whose operations are right, but the iterators of its keys fail fast. */
  private static class FailingFast extends AbstractMap<Long, Long>
      implements ConcurrentMap<Long, Long> {
    private final ConcurrentMap<Long, Long> map = new ConcurrentHashMap<>();
    private final AtomicLong changes = new AtomicLong();

    @Override
    public Long get(Object key) {
      return map.get(key);
    }

    @Override
    public Long put(Long key, Long value) {
      changes.incrementAndGet();
      return map.put(key, value);
    }

    @Override
    public Long remove(Object key) {
      changes.incrementAndGet();
      return map.remove(key);
    }

    @Override
    public boolean remove(Object key, Object value) {
      return map.remove(key, value);
    }

    @Override
    public Long putIfAbsent(Long key, Long value) {
      return map.putIfAbsent(key, value);
    }

    @Override
    public Long replace(Long key, Long value) {
      return map.replace(key, value);
    }

    @Override
    public boolean replace(Long key, Long expected, Long value) {
      return map.replace(key, expected, value);
    }

    @Override
    public Set<Map.Entry<Long, Long>> entrySet() {
      return map.entrySet();
    }

    @Override
    public Set<Long> keySet() {
      return new AbstractSet<>() {
        @Override
        public Iterator<Long> iterator() {
          long expected = changes.get();
          Iterator<Long> keys = map.keySet().iterator();
          return new Iterator<>() {
            @Override
            public boolean hasNext() {
              return keys.hasNext();
            }

            @Override
            public Long next() {
              if (changes.get() != expected) {
                throw new ConcurrentModificationException();
              }
              return keys.next();
            }
          };
        }

        @Override
        public int size() {
          return map.size();
        }
      };
    }
  }

  @ParameterizedTest
  @EnumSource
  void contract_brokenMap_isNotKept(Canary canary) throws Exception {
    ConcurrentMapContract contract = allocator -> new OnHeap(canary.maps.get());
    Method test =
        Stream.of(ConcurrentMapContract.class.getMethods())
            .filter(method -> method.getName().equals(canary.test))
            .findFirst()
            .orElseThrow();
    assertTrue(test.isAnnotationPresent(Test.class));
    assertTrue(fails(contract, test), canary.test + " did not see it");
    ConcurrentMapContract right = allocator -> new OnHeap(new ConcurrentHashMap<>());
    assertFalse(fails(right, test), canary.test + " sees what is not there");
  }

  private static boolean fails(ConcurrentMapContract contract, Method test) throws Exception {
    try {
      test.invoke(contract);
      return false;
    } catch (InvocationTargetException e) {
      return true;
    }
  }
}
