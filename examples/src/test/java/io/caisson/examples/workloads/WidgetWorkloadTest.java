package io.caisson.examples.workloads;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.OwnedBlock;
import io.caisson.alloc.PoolAllocator;
import io.caisson.alloc.PoolPolicy;
import io.caisson.alloc.PoolProfile;
import io.caisson.testkit.LeakCheck;
import io.caisson.testkit.OomSweep;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A window's widgets, which go back to a pool when they are destroyed, children first. */
class WidgetWorkloadTest {

  private static final StructLayout WIDGET =
      MemoryLayout.structLayout(
              JAVA_INT.withName("x"),
              JAVA_INT.withName("y"),
              JAVA_INT.withName("width"),
              JAVA_INT.withName("height"))
          .withName("widget");
  private static final PoolProfile PROFILE =
      new PoolProfile("widgets", WIDGET.byteSize(), 16, 4, PoolPolicy.GROW);

  /** Part of a window; owns its block and its children. */
  private static final class Widget {
    private final OwnedBlock bounds;
    private final List<Widget> children = new ArrayList<>();

    Widget(PoolAllocator pool, int x, int width) {
      bounds = OwnedBlock.allocateZeroed(pool, WIDGET.byteSize(), 16);
      bounds.segment().setAtIndex(JAVA_INT, 0, x);
      bounds.segment().setAtIndex(JAVA_INT, 2, width);
    }

    int right() {
      return bounds.segment().getAtIndex(JAVA_INT, 0) + bounds.segment().getAtIndex(JAVA_INT, 2);
    }

    void destroy() {
      children.forEach(Widget::destroy);
      children.clear();
      bounds.close();
    }
  }

  /** Owns the pool and a row of panels. */
  private static final class Window implements AutoCloseable {
    private final PoolAllocator pool;
    private final List<Widget> panels = new ArrayList<>();

    Window(Allocator allocator) {
      pool = new PoolAllocator(allocator, PROFILE);
    }

    void addPanel(int number) {
      panels.add(new Widget(pool, 100 * number, 100));
    }

    /** Adds a button to the last panel, if there is one. */
    void addButton(int number) {
      if (!panels.isEmpty()) {
        panels.getLast().children.add(new Widget(pool, 10 * number, 10));
      }
    }

    /** Destroys the last panel, if there is one. */
    void destroyLastPanel() {
      if (!panels.isEmpty()) {
        panels.removeLast().destroy();
      }
    }

    List<Integer> edges() {
      List<Integer> edges = new ArrayList<>();
      for (Widget panel : panels) {
        edges.add(panel.right());
        panel.children.forEach(button -> edges.add(button.right()));
      }
      return edges;
    }

    @Override
    public void close() {
      panels.forEach(Widget::destroy);
      pool.close();
    }
  }

  @Test
  void destroy_panelWithButtons_givesAllBackToThePoolForTheNext() {
    LeakCheck.run(allocator -> {
      try (Window window = new Window(allocator)) {
        window.addPanel(0);
        window.addPanel(1);
        window.addButton(0);
        window.addButton(1);
        assertEquals(List.of(100, 200, 10, 20), window.edges());
        long last = window.panels.getLast().bounds.address();
        window.destroyLastPanel();
        assertEquals(1, window.pool.stats().liveBlocks());
        window.addPanel(2);
        assertEquals(last, window.panels.getLast().bounds.address());
        assertEquals(List.of(100, 300), window.edges());
        assertEquals(1, window.pool.stats().chunks());
      }
    });
  }

  @Test
  void destroy_notAll_keepsThePoolOpen() {
    LeakCheck.run(allocator -> {
      try (PoolAllocator pool = new PoolAllocator(allocator, PROFILE)) {
        Widget widget = new Widget(pool, 0, 1);
        assertThrows(IllegalStateException.class, pool::close);
        widget.destroy();
      }
    });
  }

  @Test
  void create_eachAllocationFailing_leaksNothing() {
    long allocations =
        OomSweep.of(Window::new)
            .steps(2, "add panel", Window::addPanel)
            .steps(5, "add button", Window::addButton)
            .step("destroy panel", Window::destroyLastPanel)
            .steps(7, "add panel", Window::addPanel)
            .contents(Window::edges)
            .run();
    assertEquals(2, allocations); // chunks of four
  }
}
