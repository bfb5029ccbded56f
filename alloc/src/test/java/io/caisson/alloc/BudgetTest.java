package io.caisson.alloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BudgetTest {

  private static final long LARGE = Long.MAX_VALUE;

  private final List<String> warnings = new ArrayList<>();

  private void warn(Budget budget, long used) {
    warnings.add(budget.name() + " " + used);
  }

  private Budget budget(String name, long limit) {
    return new Budget(new BudgetProfile(name, limit), this::warn);
  }

  private Budget within(Budget parent, String name, long limit) {
    return parent.child(new BudgetProfile(name, limit), this::warn);
  }

  @ParameterizedTest
  @CsvSource({"79, 0, true", "80, 1, true", "99, 1, true", "100, 1, true", "101, 0, false"})
  void tryReserve_aroundTheThresholds_warnsAndRefuses(long percent, int warned, boolean granted) {
    Budget budget = budget("percents", 1_000_000);
    assertEquals(granted, budget.tryReserve(percent * 10_000));
    assertEquals(warned, warnings.size());
    assertEquals(granted ? percent * 10_000 : 0, budget.used());
    assertEquals(granted ? 0 : 1, budget.refusals());
  }

  @Test
  void tryReserve_acrossTheThreshold_warnsOnceForEachCrossing() {
    Budget budget = budget("b", 10);
    budget.tryReserve(8);
    budget.tryReserve(1);
    budget.tryReserve(1);
    assertEquals(List.of("b 8"), warnings);
    budget.release(3);
    budget.tryReserve(2);
    assertEquals(List.of("b 8", "b 9"), warnings);
    budget.release(9);
    budget.close();
  }

  @Test
  void tryReserve_listenerThatThrows_isGranted() {
    Budget budget =
        new Budget(
            new BudgetProfile("loud", 10),
            (which, used) -> {
              throw new IllegalStateException("on purpose");
            });
    assertTrue(budget.tryReserve(10));
    assertEquals(10, budget.used());
  }

  @Test
  void tryReserve_refusedFurtherUp_changesNoLevelAndWarnsNobody() {
    Budget root = budget("root", 100);
    Budget middle = within(root, "middle", 1000);
    Budget leaf = within(middle, "leaf", 50);
    assertTrue(within(root, "other", 70).tryReserve(60));
    assertFalse(leaf.tryReserve(45));
    assertEquals(List.of(60L, 0L, 0L), List.of(root.used(), middle.used(), leaf.used()));
    assertEquals(List.of(1L, 0L, 0L), List.of(root.refusals(), middle.refusals(), leaf.refusals()));
    assertEquals(List.of("other 60"), warnings);
    assertTrue(leaf.tryReserve(40));
    assertEquals(List.of(100L, 40L, 40L), List.of(root.used(), middle.used(), leaf.used()));
    assertEquals(List.of("other 60", "leaf 40", "root 100"), warnings);
  }

  @Test
  void tryReserve_refusedByItsOwn_leavesTheParentAlone() {
    Budget root = budget("root", 100);
    Budget leaf = within(root, "leaf", 50);
    assertFalse(leaf.tryReserve(51));
    assertEquals(0, root.peak());
    assertEquals(0, leaf.peak());
  }

  @ParameterizedTest
  @ValueSource(longs = {LARGE, LARGE - 1, LARGE / 2 + 1, 1})
  void tryReserve_hugeNumbers_neverOverflow(long limit) {
    Budget root = budget("root", limit);
    Budget leaf = within(root, "leaf", LARGE);
    assertTrue(leaf.tryReserve(limit));
    assertEquals(0, root.limit() - root.used());
    for (long more : new long[] {1, limit, LARGE - limit + 1, LARGE - 1, LARGE}) {
      assertFalse(leaf.tryReserve(more));
      assertEquals(limit, root.used());
      assertEquals(limit, leaf.used());
    }
    leaf.release(limit);
    assertFalse(limit < LARGE && leaf.tryReserve(LARGE));
    assertEquals(0, root.used());
    assertEquals(0, leaf.used());
    assertEquals(limit, root.peak());
  }

  @ParameterizedTest
  @CsvSource({
    "1, 80, 1",
    "9, 80, 8",
    "10, 80, 8",
    "11, 80, 9",
    "268435456, 80, 214748365",
    "7, 100, 7",
    "250, 1, 3",
    "9223372036854775807, 80, 7378697629483820646",
    "9223372036854775807, 1, 92233720368547759"
  })
  void threshold_anyLimit_isTheExactCeiling(long limit, int percent, long expected) {
    assertEquals(expected, Budget.threshold(limit, percent));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE})
  void everyOperation_badSize_throws(long byteSize) {
    Budget budget = budget("b", 10);
    assertThrows(IllegalArgumentException.class, () -> budget.tryReserve(byteSize));
    assertThrows(IllegalArgumentException.class, () -> budget.release(byteSize));
    assertThrows(IllegalArgumentException.class, () -> new BudgetProfile("b", byteSize));
  }

  @Test
  void release_moreThanReserved_throwsAndChangesNothing() {
    Budget root = budget("root", 100);
    root.tryReserve(50);
    Budget leaf = within(root, "leaf", 100);
    leaf.tryReserve(10);
    IllegalStateException tooMuch =
        assertThrows(IllegalStateException.class, () -> leaf.release(11));
    assertTrue(tooMuch.getMessage().contains("11"), tooMuch::getMessage);
    assertEquals(10, leaf.used());
    assertEquals(60, root.used());
  }

  @Test
  void release_ofWhatIsAChilds_changesNothing() {
    try (Budget parent = new Budget(new BudgetProfile("p", 100));
        Budget child = parent.child(new BudgetProfile("c", 100))) {
      assertTrue(child.tryReserve(10));
      parent.release(10); // misuse: these are the child's
      assertThrows(IllegalStateException.class, () -> child.release(10));
      assertEquals(10, child.used());
      assertEquals(0, parent.used());
      assertTrue(parent.tryReserve(10));
      child.release(10);
      assertEquals(0, parent.used());
    }
  }

  @Test
  void tryReserve_listenerThatFailsWithAnError_isGranted() {
    try (Budget budget =
        new Budget(
            new BudgetProfile("p", 100),
            (warned, used) -> {
              throw new AssertionError("from the listener");
            })) {
      assertTrue(budget.tryReserve(90));
      budget.release(90);
      assertEquals(0, budget.used());
    }
  }

  @Test
  void child_tooDeep_isRefused() {
    Budget root = new Budget(new BudgetProfile("p", 100));
    Budget deepest = root;
    for (int level = 1; level < 64; level++) {
      deepest = deepest.child(new BudgetProfile("p" + level, 100));
    }
    Budget last = deepest;
    assertThrows(IllegalStateException.class, () -> last.child(new BudgetProfile("q", 100)));
    assertTrue(last.tryReserve(100));
    last.release(100);
  }

  @Test
  void close_inUse_throwsAndStaysOpen() {
    Budget root = budget("root", 100);
    Budget leaf = within(root, "leaf", 100);
    leaf.tryReserve(10);
    assertThrows(IllegalStateException.class, root::close);
    assertThrows(IllegalStateException.class, leaf::close);
    leaf.release(10);
    assertThrows(IllegalStateException.class, root::close);
    leaf.close();
    leaf.close();
    root.close();
    assertThrows(IllegalStateException.class, () -> leaf.tryReserve(1));
    assertThrows(IllegalStateException.class, () -> leaf.release(1));
    assertThrows(IllegalStateException.class, () -> within(root, "late", 1));
    assertEquals(0, leaf.used());
    assertEquals(root, leaf.parent());
    assertNull(root.parent());
  }

  @Test
  void configured_settings_override() {
    assertEquals(256L << 20, BudgetProfile.CACHE_REBUILD.configured().limit());
    System.setProperty("caisson.budget.cache.rebuild", "3MiB");
    System.setProperty("caisson.budgets.warn-percent", "50");
    try {
      Budget budget = new Budget(BudgetProfile.CACHE_REBUILD.configured(), this::warn);
      assertEquals(3 << 20, budget.limit());
      budget.tryReserve((3 << 19) - 1);
      assertEquals(List.of(), warnings);
      budget.tryReserve(1);
      assertEquals(List.of("cache.rebuild 1572864"), warnings);
    } finally {
      System.clearProperty("caisson.budget.cache.rebuild");
      System.clearProperty("caisson.budgets.warn-percent");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "caisson.budget.cache.rebuild, 3 parsecs, KiB",
    "caisson.budget.cache.rebuild, 0, at least 1",
    "caisson.budgets.warn-percent, 0, from 1 to 100",
    "caisson.budgets.warn-percent, 101, from 1 to 100",
    "caisson.budgets.warn-percent, many, number"
  })
  void configured_badValue_throwsNamingAll(String property, String value, String expected) {
    System.setProperty(property, value);
    try {
      IllegalArgumentException bad =
          assertThrows(
              IllegalArgumentException.class,
              () -> new Budget(BudgetProfile.CACHE_REBUILD.configured()));
      for (String part : List.of(property, "'" + value + "'", expected)) {
        assertTrue(bad.getMessage().contains(part), bad::getMessage);
      }
    } finally {
      System.clearProperty(property);
    }
  }
}
