package io.caisson.alloc;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Counts what an allocator hands out and takes back, without slowing it down. */
final class Account {

  /*
   * Purpose. Exact totals from many threads, at about the cost of plain increments.
   *
   * Layout. One array of long in STRIPES stripes of 128 bytes, two cache lines each, so that no two
   * threads write one line; and behind them one more, for everybody. A stripe belongs to the thread
   * that StripeOwners says; that one's id is in OWNER. An owner counts without atomics. Who finds
   * its stripe taken by a live thread counts atomically in the shared stripe and waits for nobody.
   *
   * Invariants.
   * I1  A stripe is written by its owner only. It changes hands when the owner is no longer alive,
   *     which orders all that the owner wrote before what the next one does.
   * I2  live bytes = sum of NET over all stripes; freed bytes = sum of ALLOCATED_BYTES - NET.
   * I3  BASE = sum of the PUBLISHED of the owned stripes + the NET of the shared one.
   * I4  PUBLISHED <= HIGH and NET <= HIGH in each owned stripe.
   *
   * The peak. A stripe tracks in HIGH the most that NET was since it last published, and publishes
   * when NET is PUBLISH_BYTES away from PUBLISHED. With one owner at work the peak is exact; with
   * more it can be off by PUBLISH_BYTES for each of them.
   *
   * Cost. An allocation updates three cells of its owner's and looks at a fourth, a free two and
   * one. Opaque writes in their place cost five times as much where an allocator and its account
   * are inlined into one loop: the compiler then keeps nothing of either from step to step.
   *
   * Ordering. Owners read and write plainly; a publication is made of atomics, so what an owner
   * counted before it is seen with it, and what it counts after it is not seen before. Readers sum
   * with acquire reads: each figure is some recent one, and none is torn, for every JVM that has
   * this version writes a long at once. Who reads after a thread was joined, or met at a barrier,
   * sees all that it counted.
   */

  /** The number of stripes that threads own. */
  static final int STRIPES = 64;

  /** The number of the stripe that is everybody's. */
  static final int SHARED_STRIPE = STRIPES;

  private static final int STRIDE = 16;
  private static final int SHARED = STRIPES * STRIDE;
  private static final long PUBLISH_BYTES = 64 << 10;
  private static final int STABLE_TRIES = 100;

  private static final int ALLOCATIONS = 0;
  private static final int FREES = 1;
  private static final int ALLOCATED_BYTES = 2;
  private static final int NET = 3;
  private static final int FAILURES = 4;
  private static final int PUBLISHED = 5;
  private static final int HIGH = 6;
  private static final int OWNER = 7;

  /** In the shared stripe only. */
  private static final int BASE = SHARED + 8;

  private static final int PEAK = SHARED + 9;

  /** The publications begun, and those over. */
  private static final int PUBLISHING = SHARED + 10;

  private static final int PUBLISHED_ALL = SHARED + 11;

  private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);

  private final long[] cells = new long[SHARED + STRIDE];
  private final StripeOwners owners = new StripeOwners(STRIPES, 1);

  /** Counts a block handed out, and returns the number of the stripe that it is counted in. */
  int allocated(long byteSize) {
    int stripe = ownStripe();
    if (stripe < 0) {
      getAndAdd(SHARED + ALLOCATIONS, 1);
      grownShared(byteSize);
      return SHARED_STRIPE;
    }
    add(stripe + ALLOCATIONS, 1);
    grown(stripe, byteSize);
    return stripe / STRIDE;
  }

  /** Counts a block taken back. */
  void freed(long byteSize) {
    int stripe = ownStripe();
    if (stripe < 0) {
      getAndAdd(SHARED + FREES, 1);
      shrunkShared(byteSize);
    } else {
      add(stripe + FREES, 1);
      shrunk(stripe, byteSize);
    }
  }

  /**
   * Counts a block that changed its size, in place or by moving, and returns the number of the
   * stripe that it is counted in.
   */
  int resized(long oldByteSize, long newByteSize) {
    int stripe = ownStripe();
    long growth = newByteSize - oldByteSize;
    if (stripe < 0) {
      if (growth > 0) {
        grownShared(growth);
      } else {
        shrunkShared(-growth);
      }
      return SHARED_STRIPE;
    }
    if (growth > 0) {
      grown(stripe, growth);
    } else {
      shrunk(stripe, -growth);
    }
    return stripe / STRIDE;
  }

  /** Counts a request answered with {@code NULL}. */
  void failed() {
    getAndAdd(SHARED + FAILURES, 1);
  }

  /** Counts everything that is out as taken back. */
  void releasedAll() {
    AllocatorStats stats = stats();
    getAndAdd(SHARED + FREES, stats.liveBlocks());
    shrunkShared(stats.liveBytes());
  }

  private void grownShared(long byteSize) {
    getAndAdd(SHARED + ALLOCATED_BYTES, byteSize);
    getAndAdd(SHARED + NET, byteSize);
    raisePeak(getAndAdd(BASE, byteSize) + byteSize);
  }

  private void shrunkShared(long byteSize) {
    getAndAdd(SHARED + NET, -byteSize);
    getAndAdd(BASE, -byteSize);
  }

  /** Returns the first cell of this thread's stripe, or -1 if it has none. */
  private int ownStripe() {
    Thread self = Thread.currentThread();
    int home = StripeOwners.home(self.threadId(), STRIPES) * STRIDE;
    return cells[home + OWNER] == self.threadId() || claim(self, home) ? home : -1;
  }

  private boolean claim(Thread self, int home) {
    if (owners.find(self) == StripeOwners.NONE) {
      return false;
    }
    CELL.setOpaque(cells, home + OWNER, self.threadId()); // nobody else ever writes this id
    return true;
  }

  private void grown(int stripe, long byteSize) {
    add(stripe + ALLOCATED_BYTES, byteSize);
    long net = add(stripe + NET, byteSize);
    if (net > cells[stripe + HIGH]) {
      cells[stripe + HIGH] = net;
      if (net - cells[stripe + PUBLISHED] > PUBLISH_BYTES) {
        publish(stripe, net);
      }
    }
  }

  private void shrunk(int stripe, long byteSize) {
    long net = add(stripe + NET, -byteSize);
    if (cells[stripe + PUBLISHED] - net > PUBLISH_BYTES) {
      publish(stripe, net);
    }
  }

  /** Moves the net bytes of a stripe to the base. */
  private void publish(int stripe, long net) {
    long published = cells[stripe + PUBLISHED];
    getAndAdd(PUBLISHING, 1);
    raisePeak(cell(BASE) + cells[stripe + HIGH] - published);
    CELL.setRelease(cells, stripe + HIGH, net);
    CELL.setRelease(cells, stripe + PUBLISHED, net);
    getAndAdd(BASE, net - published);
    getAndAdd(PUBLISHED_ALL, 1);
  }

  /**
   * Brings the peak up to date with what stripes have not published. Base and high waters belong
   * together only if nobody published while they were read: if no publication had begun by the end
   * that was not over at the start.
   */
  private void refreshPeak() {
    for (int i = 0; i < STABLE_TRIES; i++) {
      long over = cell(PUBLISHED_ALL);
      long candidate = cell(BASE);
      for (int stripe = 0; stripe < SHARED; stripe += STRIDE) {
        candidate += cell(stripe + HIGH) - cell(stripe + PUBLISHED);
      }
      VarHandle.acquireFence(); // the sums above come before the look below
      if (cell(PUBLISHING) == over) {
        raisePeak(candidate);
        return;
      }
    }
  }

  private void raisePeak(long candidate) {
    long peak = cell(PEAK);
    while (candidate > peak && !CELL.compareAndSet(cells, PEAK, peak, candidate)) {
      peak = cell(PEAK);
    }
  }

  private long add(int index, long amount) {
    long sum = cells[index] + amount;
    cells[index] = sum;
    return sum;
  }

  private long cell(int index) {
    return (long) CELL.getAcquire(cells, index);
  }

  private long getAndAdd(int index, long amount) {
    return (long) CELL.getAndAdd(cells, index, amount);
  }

  /** The sums over all stripes, each stripe read at one moment as far as it holds still. */
  private final class Sums {
    long allocations;
    long frees;
    long allocatedBytes;
    long net;

    void add(int stripe) {
      long allocationsNow = cell(stripe + ALLOCATIONS);
      long freesNow = cell(stripe + FREES);
      long allocatedNow = cell(stripe + ALLOCATED_BYTES);
      long netNow = cell(stripe + NET);
      for (int i = 0; i < STABLE_TRIES; i++) {
        long allocatedThen = allocatedNow;
        long netThen = netNow;
        allocationsNow = cell(stripe + ALLOCATIONS);
        freesNow = cell(stripe + FREES);
        allocatedNow = cell(stripe + ALLOCATED_BYTES);
        netNow = cell(stripe + NET);
        if (allocatedNow == allocatedThen && netNow == netThen) {
          break;
        }
      }
      allocations += allocationsNow;
      frees += freesNow;
      allocatedBytes += allocatedNow;
      net += netNow;
    }
  }

  AllocatorStats stats() {
    refreshPeak();
    Sums sums = new Sums();
    for (int stripe = 0; stripe <= SHARED; stripe += STRIDE) {
      sums.add(stripe);
    }
    long peak = cell(PEAK);
    // From one stripe to the next others go on, so the differences can be off, and are held to
    // what is possible.
    long liveBlocks = Math.max(0, sums.allocations - sums.frees);
    long liveBytes = Math.clamp(sums.net, 0, Math.max(0, peak));
    return new AllocatorStats(
        liveBlocks,
        liveBytes,
        peak,
        sums.allocations,
        sums.frees,
        sums.allocatedBytes,
        sums.allocatedBytes - sums.net,
        cell(SHARED + FAILURES));
  }
}
