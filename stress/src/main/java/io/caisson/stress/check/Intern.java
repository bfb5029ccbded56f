package io.caisson.stress.check;

import io.caisson.collections.ConcurrentInternTable;
import io.caisson.collections.Interns;
import io.caisson.collections.StringView;
import io.caisson.testkit.SimulatedAllocator;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.jetbrains.lincheck.datastructures.Validate;

/** The intern table, with one shard, of which each thread keeps the handles that it acquired. */
@Param(name = "thread", gen = ThreadIdGen.class)
public class Intern {

  private static final int THREADS = 4;
  private static final int MOST = 16;

  private final SimulatedAllocator allocator = SimulatedAllocator.inFreshWorld();
  private final StringView[] strings = {
    Interns.bytes(allocator, 1, (byte) 'a'),
    Interns.bytes(allocator, 1, (byte) 'b'),
    Interns.bytes(allocator, 1, (byte) 'c')
  };
  private final ConcurrentInternTable table = new ConcurrentInternTable(allocator, "check", 1);
  private final int[][] handles = new int[THREADS][MOST];
  private final int[][] numbers = new int[THREADS][MOST];
  private final int[] count = new int[THREADS];

  /** Keeps a string in the page of the others, so that what they do takes fewer steps. */
  public Intern() {
    table.acquire(strings[2]);
  }

  /** Acquires, and says whether the bytes are right. */
  @Operation
  public boolean acquire(@Param(name = "thread") int thread, int string) {
    int number = string & 1;
    int handle = table.acquire(strings[number]);
    handles[thread][count[thread]] = handle;
    numbers[thread][count[thread]++] = number;
    return table.view(handle).equals(strings[number]);
  }

  /** Releases what this thread acquired last, if anything, and says whether it was the last. */
  @Operation
  public String release(@Param(name = "thread") int thread) {
    if (count[thread] == 0) {
      return "nothing";
    }
    count[thread]--;
    int handle = handles[thread][count[thread]];
    boolean right = table.view(handle).equals(strings[numbers[thread][count[thread]]]);
    return right + (table.release(handle) ? ", the last" : "");
  }

  /** Looks for a string. */
  @Operation
  public boolean contains(int string) {
    return table.find(strings[string & 1]) != ConcurrentInternTable.NONE;
  }

  /** What is counted is what threads have. */
  @Validate
  public void requireSound() {
    Interns.check(table);
    long references = 1;
    for (int each : count) {
      references += each;
    }
    if (table.stats().references() != references) {
      throw new IllegalStateException(table.stats() + ", but " + references + " references");
    }
  }
}
