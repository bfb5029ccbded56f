package io.caisson.examples.workloads;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.CleanupStack;
import io.caisson.collections.InternTable;
import io.caisson.collections.StructVector;
import io.caisson.testkit.LeakCheck;
import io.caisson.testkit.OomSweep;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A history whose changes name paths and refs again and again, each of which is kept once. */
class InternedPathsWorkloadTest {

  private static final int PATHS = 40;
  private static final int REFS = 3;

  /** What was changed, and where, as two handles for each change. */
  private static final class History implements AutoCloseable {
    private static final long PATH = 0;
    private static final long REF = 4;

    private final InternTable names;
    private final StructVector changes;

    History(Allocator allocator) {
      names = new InternTable(allocator, "names");
      changes = new StructVector(allocator, 8);
    }

    void record(String path, String ref) {
      try (CleanupStack cleanup = new CleanupStack()) {
        long change = changes.add();
        cleanup.defer(changes::removeLast);
        int pathHandle = names.acquire(path);
        cleanup.defer(() -> names.release(pathHandle));
        changes.setInt(change, PATH, pathHandle);
        changes.setInt(change, REF, names.acquire(ref));
        cleanup.dismiss();
      }
    }

    /** Counts the changes of a path by comparing handles, for equal names have equal ones. */
    long changesOf(String path) {
      int handle = names.find(path);
      long count = 0;
      for (long i = 0; i < changes.size(); i++) {
        if (changes.getInt(i, PATH) == handle) {
          count++;
        }
      }
      return count;
    }

    /** Forgets the last change, if there is one. */
    void forgetLast() {
      if (changes.isEmpty()) {
        return;
      }
      long last = changes.size() - 1;
      names.release(changes.getInt(last, PATH));
      names.release(changes.getInt(last, REF));
      changes.removeLast();
    }

    List<String> texts() {
      List<String> texts = new ArrayList<>();
      changes.forEachIndex(i ->
          texts.add(
              names.toString(changes.getInt(i, REF))
                  + ":"
                  + names.toString(changes.getInt(i, PATH))));
      return texts;
    }

    @Override
    public void close() {
      changes.close();
      names.close();
    }
  }

  private static void recordNumber(History history, int number) {
    history.record(
        "src/main/java/io/example/module" + number % PATHS + "/Names.java",
        "refs/heads/branch" + number % REFS);
  }

  @Test
  void names_ofAHistory_areKeptOnceAndGoWithTheirLastChange() {
    LeakCheck.run(allocator -> {
      try (History history = new History(allocator)) {
        for (int i = 0; i < 6000; i++) {
          recordNumber(history, i);
        }
        assertEquals(PATHS + REFS, history.names.size());
        assertTrue(history.names.stats().dedupRatio() > 100);
        assertEquals(
            6000 / PATHS, history.changesOf("src/main/java/io/example/module7/Names.java"));
        assertEquals(
            history.names.address(history.changes.getInt(0, History.PATH)),
            history.names.address(history.changes.getInt(PATHS, History.PATH)));
        assertNotEquals(
            history.changes.getInt(0, History.PATH), history.changes.getInt(1, History.PATH));
        while (!history.changes.isEmpty()) {
          history.forgetLast();
        }
        assertEquals(0, history.names.size());
      }
    });
  }

  @Test
  void names_eachAllocationFailing_areReleasedWithTheChangeThatFailed() {
    OomSweep<History> sweep =
        OomSweep.of(History::new)
            .contents(history -> List.of(history.texts(), history.names.stats()));
    for (int i = 0; i < 50; i++) {
      int number = i;
      sweep.absorbingStep("record", history -> recordNumber(history, number));
    }
    long failed = sweep.steps(20, "forget", (history, i) -> history.forgetLast()).run();
    assertTrue(failed >= 9, "only " + failed + " allocations"); // names share pages
  }
}
