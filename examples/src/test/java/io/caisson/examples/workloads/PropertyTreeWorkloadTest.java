package io.caisson.examples.workloads;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.OwnedBlock;
import io.caisson.alloc.RefCounted;
import io.caisson.testkit.LeakCheck;
import io.caisson.testkit.OomSweep;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * A tree of properties: a node has a share of each child, and whoever reads one takes a share of
 * his own, so that what is removed meanwhile stays until he has released it.
 */
class PropertyTreeWorkloadTest {

  /** A number off the heap, and the properties below it. */
  private static final class Property {
    private final OwnedBlock value;
    private final Map<String, RefCounted<Property>> children = new TreeMap<>();

    private Property(OwnedBlock value) {
      this.value = value;
    }

    static RefCounted<Property> create(Allocator allocator, long number) {
      OwnedBlock value = OwnedBlock.allocate(allocator, Long.BYTES, Long.BYTES);
      value.segment().set(JAVA_LONG, 0, number);
      return RefCounted.of(new Property(value), Property::destroy);
    }

    long number() {
      return value.segment().get(JAVA_LONG, 0);
    }

    private void destroy() {
      children.values().forEach(RefCounted::release);
      value.close();
    }
  }

  /** Has the one share of the root. Its methods exclude each other; shares are released outside. */
  private static final class PropertyTree implements AutoCloseable {
    private final Allocator allocator;
    private final RefCounted<Property> root;

    PropertyTree(Allocator allocator) {
      this.allocator = allocator;
      this.root = Property.create(allocator, 0);
    }

    private RefCounted<Property> at(String... path) {
      RefCounted<Property> property = root;
      for (String name : path) {
        property = property.get().children.get(name);
        if (property == null) {
          throw new NoSuchElementException("there is no " + String.join("/", path));
        }
      }
      return property;
    }

    /** Returns a share of a property, for the caller to release. */
    synchronized RefCounted<Property> share(String... path) {
      return at(path).retain();
    }

    /** Puts a property below another, and takes the tree's share of the one that was there. */
    synchronized void put(String name, long number, String... parent) {
      RefCounted<Property> added = Property.create(allocator, number);
      RefCounted<Property> replaced = at(parent).get().children.put(name, added);
      if (replaced != null) {
        replaced.release();
      }
    }

    synchronized void remove(String name, String... parent) {
      at(parent).get().children.remove(name).release();
    }

    synchronized List<String> numbers() {
      List<String> numbers = new ArrayList<>();
      collect("", root.get(), numbers);
      return numbers;
    }

    private static void collect(String path, Property property, List<String> numbers) {
      numbers.add(path + "=" + property.number());
      property.children.forEach((name, child) -> collect(path + "/" + name, child.get(), numbers));
    }

    @Override
    public void close() {
      root.release();
    }
  }

  @Test
  void remove_subtreeThatIsShared_staysUntilTheLastShareIsReleased() {
    AccountedAllocator base = Allocators.system();
    try (LeakCheck check = new LeakCheck(base);
        PropertyTree tree = new PropertyTree(check.allocator())) {
      tree.put("sound", 1);
      tree.put("volume", 70, "sound");
      tree.put("balance", 50, "sound");
      assertEquals(
          List.of("=0", "/sound=1", "/sound/balance=50", "/sound/volume=70"), tree.numbers());
      RefCounted<Property> sound = tree.share("sound");
      RefCounted<Property> volume = tree.share("sound", "volume");
      tree.remove("sound");
      assertEquals(List.of("=0"), tree.numbers());
      assertEquals(4, base.stats().liveBlocks());
      sound.release(); // with it goes the balance, but not the volume
      assertThrows(IllegalStateException.class, sound::get);
      assertEquals(2, base.stats().liveBlocks());
      assertEquals(70, volume.get().number());
      volume.release();
      assertEquals(1, base.stats().liveBlocks());
    }
  }

  @Test
  void share_byThreadsWhilePropertiesAreReplaced_isReadableUntilReleased() throws Exception {
    int readers = 3;
    int rounds = 2000;
    try (LeakCheck check = new LeakCheck();
        PropertyTree tree = new PropertyTree(check.allocator());
        ExecutorService threads = Executors.newFixedThreadPool(readers)) {
      tree.put("time", 0);
      List<Future<?>> reads = new ArrayList<>();
      for (int i = 0; i < readers; i++) {
        reads.add(
            threads.submit(() -> {
              long last = 0;
              for (int round = 0; round < rounds; round++) {
                RefCounted<Property> time = tree.share("time");
                assertEquals(last, Math.min(last, time.get().number()), "time ran back");
                last = time.get().number();
                time.release();
              }
            }));
      }
      for (int round = 1; round <= rounds; round++) {
        tree.put("time", round);
      }
      for (Future<?> read : reads) {
        read.get();
      }
      assertEquals(List.of("=0", "/time=" + rounds), tree.numbers());
    }
  }

  /** Puts a property below the first child, if there is one: a step before may have failed. */
  private static void putBelow(PropertyTree tree, int number) {
    if (tree.numbers().contains("/child0=0")) {
      tree.put("grandchild" + number, number, "child0");
    }
  }

  private static void removeLast(PropertyTree tree) {
    if (tree.numbers().contains("/child2=2")) {
      tree.remove("child2");
    }
  }

  @Test
  void put_eachAllocationFailing_leaksNothing() {
    long allocations =
        OomSweep.of(PropertyTree::new)
            .steps(3, "put", (tree, i) -> tree.put("child" + i, i))
            .steps(3, "put below", PropertyTreeWorkloadTest::putBelow)
            .steps(2, "replace", (tree, i) -> tree.put("child" + i, 10 + i))
            .step("remove", PropertyTreeWorkloadTest::removeLast)
            .contents(PropertyTree::numbers)
            .run();
    assertEquals(9, allocations);
  }
}
