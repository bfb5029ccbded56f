package io.caisson.examples.workloads;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.CleanupStack;
import io.caisson.alloc.OwnedBlock;
import io.caisson.alloc.SlabAllocator;
import io.caisson.collections.StringView;
import io.caisson.testkit.LeakCheck;
import io.caisson.testkit.OomSweep;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

/** Errors and the pairs that are logged with them: many blocks of some 32 bytes, from a slab. */
class LogWorkloadTest {

  /** A name and what it is, in one block: both sizes, and both texts. */
  private record Pair(OwnedBlock block) {
    private static final int HEADER = 8;

    static Pair create(Allocator allocator, String name, String value) {
      byte[] nameBytes = name.getBytes(UTF_8);
      byte[] valueBytes = value.getBytes(UTF_8);
      OwnedBlock block =
          OwnedBlock.allocate(allocator, HEADER + nameBytes.length + valueBytes.length, 8);
      MemorySegment segment = block.segment();
      segment.setAtIndex(JAVA_INT, 0, nameBytes.length);
      segment.setAtIndex(JAVA_INT, 1, valueBytes.length);
      segment.asSlice(HEADER, nameBytes.length).copyFrom(MemorySegment.ofArray(nameBytes));
      segment.asSlice(HEADER + nameBytes.length).copyFrom(MemorySegment.ofArray(valueBytes));
      return new Pair(block);
    }

    @Override
    public String toString() {
      StringView text = StringView.of(block.segment().asSlice(HEADER));
      long nameEnd = block.segment().getAtIndex(JAVA_INT, 0);
      return text.subView(0, nameEnd) + "=" + text.subView(nameEnd, text.byteSize());
    }
  }

  /** An error: a payload of its code and time, and pairs. */
  private record ErrorRecord(OwnedBlock payload, List<Pair> pairs) implements AutoCloseable {

    /** Makes an error of a code, and pairs of a name and a value each, one after the other. */
    static ErrorRecord create(Allocator allocator, long code, long time, String... texts) {
      try (CleanupStack cleanup = new CleanupStack()) {
        OwnedBlock payload = cleanup.register(OwnedBlock.allocate(allocator, 16, 8));
        payload.segment().setAtIndex(JAVA_LONG, 0, code);
        payload.segment().setAtIndex(JAVA_LONG, 1, time);
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < texts.length; i += 2) {
          Pair pair = Pair.create(allocator, texts[i], texts[i + 1]);
          cleanup.register(pair.block);
          pairs.add(pair);
        }
        cleanup.dismiss();
        return new ErrorRecord(payload, pairs);
      }
    }

    String line() {
      return payload.segment().getAtIndex(JAVA_LONG, 1)
          + " error "
          + payload.segment().getAtIndex(JAVA_LONG, 0)
          + " "
          + pairs;
    }

    @Override
    public void close() {
      pairs.forEach(pair -> pair.block.close());
      payload.close();
    }
  }

  private static ErrorRecord error(Allocator slab, int number) {
    return ErrorRecord.create(
        slab,
        404,
        number,
        "path",
        "/index/" + number,
        "user",
        "ada",
        "agent",
        "Mosaic/2.7 (X11; SunOS)");
  }

  /** The latest errors, with the slab that they are in. */
  private static final class RecentErrors implements AutoCloseable {
    private static final int KEPT = 50;

    private final SlabAllocator slab;
    private final Deque<ErrorRecord> errors = new ArrayDeque<>();

    RecentErrors(Allocator allocator) {
      slab = SlabAllocator.builder(allocator).superblocksPerRegion(1).build();
    }

    void add(int number) {
      errors.addLast(error(slab, number));
      if (errors.size() > KEPT) {
        errors.removeFirst().close();
      }
    }

    List<String> lines() {
      return errors.stream().map(ErrorRecord::line).toList();
    }

    @Override
    public void close() {
      errors.forEach(ErrorRecord::close);
      slab.close();
    }
  }

  @Test
  void errors_manyShortLived_needAFewSuperblocks() {
    AccountedAllocator base = Allocators.system();
    try (LeakCheck check = new LeakCheck(base);
        RecentErrors recent = new RecentErrors(check.allocator())) {
      for (int i = 0; i < 10_000; i++) {
        recent.add(i);
      }
      assertEquals(
          "9950 error 404 [path=/index/9950, user=ada, agent=Mosaic/2.7 (X11; SunOS)]",
          recent.lines().getFirst());
      assertEquals(4 * RecentErrors.KEPT, recent.slab.liveBlocks());
      assertTrue(base.stats().allocations() < 100, () -> base.stats() + " for 40,000 blocks");
    }
  }

  @Test
  void errors_ofManyThreads_areFreedByTheOneThatWritesThem() throws Exception {
    int writers = 3;
    int each = 2000;
    try (LeakCheck check = new LeakCheck();
        SlabAllocator slab = new SlabAllocator(check.allocator());
        ExecutorService threads = Executors.newFixedThreadPool(writers)) {
      BlockingQueue<ErrorRecord> queue = new LinkedBlockingQueue<>();
      List<Future<?>> made = new ArrayList<>();
      for (int i = 0; i < writers; i++) {
        made.add(
            threads.submit(() -> {
              for (int number = 0; number < each; number++) {
                queue.add(error(slab, number));
              }
            }));
      }
      for (Future<?> thread : made) {
        thread.get();
      }
      for (int i = 0; i < writers * each; i++) {
        try (ErrorRecord error = queue.remove()) {
          assertTrue(error.line().contains("user=ada"), error::line);
        }
      }
      assertEquals(0, slab.liveBlocks());
    }
  }

  @Test
  void errors_eachAllocationFailing_areMadeWholeOrNotAtAll() {
    OomSweep<RecentErrors> sweep = OomSweep.of(RecentErrors::new).contents(RecentErrors::lines);
    for (int i = 0; i < 60; i++) {
      int number = i;
      sweep.absorbingStep("add", errors -> errors.add(number));
    }
    assertTrue(sweep.run() >= 2);
  }
}
