package io.caisson.alloc;

import io.caisson.alloc.internal.BlockArguments;
import io.caisson.alloc.internal.Setting;
import io.caisson.alloc.internal.Site;
import io.caisson.alloc.internal.events.MemoryEvents;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Finds the blocks of another allocator that nobody frees, and says where they were allocated.
 *
 * <p>What it costs is its {@link LeakLevel}. {@link LeakLevel#DISABLED}, which it is unless told
 * otherwise, adds one check of a field to each call. {@link LeakLevel#SIMPLE} and {@link
 * LeakLevel#ADVANCED} note one block in {@code sampling}, chosen at random when it is allocated and
 * followed when it moves; each free looks the address up. {@link LeakLevel#PARANOID} notes every
 * block, and refuses a free or resize that is not of a live block of this allocator, of that size
 * and alignment, with a {@link CheckedMemoryException}: from a sample nothing can be said of a
 * free, and nothing is.
 *
 * <p>{@link #close()} and {@link #report()} tell the {@link LeakListener} of each block that is
 * out, once; nothing is ever printed, but for a report at the exit of the JVM if one was asked for.
 *
 * <p>Its book is on the Java heap and holds at most {@code maxTracked} live blocks, and at {@link
 * LeakLevel#PARANOID} the last 16384 freed ones. A block past that bound is not tracked, and the
 * report says how many were not; from the first of them on, an address that is not in the book is
 * passed on and not refused.
 *
 * <p>As thread-safe as the wrapped allocator, and no less lock-free, but that a block's entry is
 * locked by whoever frees it. What an arena or a fixed buffer releases by {@code reset} or {@code
 * rewind} is not seen from here; what it releases when it is closed is no leak.
 */
public final class LeakDetectingAllocator implements Allocator {

  private static final Setting LEVEL = new Setting("caisson.leak.level", "CAISSON_LEAK_LEVEL");
  private static final Setting SAMPLING =
      new Setting("caisson.leak.sampling", "CAISSON_LEAK_SAMPLING");
  private static final Setting SUPPRESSIONS =
      new Setting("caisson.leak.suppressions", "CAISSON_LEAK_SUPPRESSIONS");
  private static final int DEFAULT_SAMPLING = 128;
  private static final long DEFAULT_MAX_TRACKED = 1 << 20;

  final Allocator wrapped;
  private final LeakLevel level;
  private final boolean off;
  private final boolean paranoid;
  private final int sampling;
  private final long maxTracked;
  private final LeakListener listener;
  private final LeakSuppressions suppressions;
  private final BlockBook book;
  private final AtomicLong untracked = new AtomicLong();
  private final @Nullable Thread exitHook;
  private volatile boolean closed;

  private LeakDetectingAllocator(Builder builder) {
    this.wrapped = builder.wrapped;
    this.level = builder.level;
    this.off = level == LeakLevel.DISABLED;
    this.paranoid = level == LeakLevel.PARANOID;
    this.sampling = paranoid ? 1 : builder.sampling;
    this.maxTracked = builder.maxTracked;
    this.listener = builder.listener;
    this.suppressions = builder.suppressions;
    this.book = BlockBook.open(this, "leak detector");
    this.exitHook = builder.reportAtExit && !off ? new Thread(this::printReport) : null;
    if (exitHook != null) {
      Runtime.getRuntime().addShutdownHook(exitHook);
    }
  }

  /**
   * Starts to build a detector, with what the settings say: the level {@code caisson.leak.level}
   * (or {@code CAISSON_LEAK_LEVEL}; disabled if neither is set), the rate {@code
   * caisson.leak.sampling} (or {@code CAISSON_LEAK_SAMPLING}; one block in 128), and the file
   * {@code caisson.leak.suppressions} (or {@code CAISSON_LEAK_SUPPRESSIONS}; none).
   *
   * @param wrapped the allocator whose leaks to find, with nothing out; closed with the detector
   * @return a builder
   * @throws IllegalArgumentException if a setting is not as it should be; the message names it
   */
  public static Builder over(@Owned Allocator wrapped) {
    return new Builder(wrapped);
  }

  /** Collects what a detector is to do. Not thread-safe. */
  public static final class Builder {
    private final Allocator wrapped;
    private LeakLevel level = LEVEL.parsed(LeakLevel.DISABLED, LeakLevel::parse);
    private int sampling = SAMPLING.parsed(DEFAULT_SAMPLING, Builder::parseSampling);
    private LeakSuppressions suppressions =
        SUPPRESSIONS.parsed(LeakSuppressions.NONE, Builder::loadSuppressions);
    private LeakListener listener = leak -> {};
    private long maxTracked = DEFAULT_MAX_TRACKED;
    private boolean reportAtExit;

    private Builder(Allocator wrapped) {
      this.wrapped = wrapped;
    }

    private static int parseSampling(String text) {
      try {
        return requireSampling(Integer.parseInt(text));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("'" + text + "'; expected a number, at least 1", e);
      }
    }

    private static int requireSampling(int sampling) {
      if (sampling < 1) {
        throw new IllegalArgumentException("sampling is " + sampling + "; expected at least 1");
      }
      return sampling;
    }

    private static LeakSuppressions loadSuppressions(String file) {
      try {
        return LeakSuppressions.load(Path.of(file));
      } catch (UncheckedIOException e) {
        throw new IllegalArgumentException(e.getMessage() + " (" + e.getCause() + ")", e);
      }
    }

    /**
     * Says how closely to look, whatever the setting says.
     *
     * @param level the level
     * @return this builder
     */
    public Builder level(LeakLevel level) {
      this.level = level;
      return this;
    }

    /**
     * Says at how many blocks to look when not paranoid, whatever the setting says.
     *
     * @param sampling to look at one block in so many, at least 1
     * @return this builder
     * @throws IllegalArgumentException if that is less than 1
     */
    public Builder sampling(int sampling) {
      this.sampling = requireSampling(sampling);
      return this;
    }

    /**
     * Says which leaks to say nothing of, whatever the setting says.
     *
     * @param suppressions the suppressions
     * @return this builder
     */
    public Builder suppressions(LeakSuppressions suppressions) {
      this.suppressions = suppressions;
      return this;
    }

    /**
     * Says who is told of leaks; nobody if it is not said.
     *
     * @param listener who is told
     * @return this builder
     */
    public Builder listener(LeakListener listener) {
      this.listener = listener;
      return this;
    }

    /**
     * Bounds the book; 1048576 if it is not said.
     *
     * @param maxTracked the most live blocks to track, at least 1
     * @return this builder
     * @throws IllegalArgumentException if that is less than 1
     */
    public Builder maxTracked(long maxTracked) {
      if (maxTracked < 1) {
        throw new IllegalArgumentException("maxTracked is " + maxTracked + "; expected at least 1");
      }
      this.maxTracked = maxTracked;
      return this;
    }

    /**
     * Asks for a report on standard error when the JVM exits while the detector is open and blocks
     * are out; the detector stays reachable until it is closed.
     *
     * @return this builder
     */
    public Builder reportAtExit() {
      this.reportAtExit = true;
      return this;
    }

    /**
     * Builds the detector.
     *
     * @return an allocator that passes every call on, owned by the caller
     */
    public @Owned LeakDetectingAllocator build() {
      return new LeakDetectingAllocator(this);
    }
  }

  // ---- allocation -----------------------------------------------------------------------------

  @Override
  public long allocate(long byteSize, long byteAlignment) {
    long address = wrapped.allocate(byteSize, byteAlignment);
    return off ? address : track(address, byteSize, byteAlignment);
  }

  @Override
  public long allocateZeroed(long byteSize, long byteAlignment) {
    long address = wrapped.allocateZeroed(byteSize, byteAlignment);
    return off ? address : track(address, byteSize, byteAlignment);
  }

  private long track(long address, long byteSize, long byteAlignment) {
    if (address != NULL && (sampling == 1 || ThreadLocalRandom.current().nextInt(sampling) == 0)) {
      enter(address, byteSize, byteAlignment);
    }
    return address;
  }

  private void enter(long address, long byteSize, long byteAlignment) {
    if (book.liveCount() >= maxTracked) {
      untracked.incrementAndGet();
      book.forget(address);
      return;
    }
    Site site = level == LeakLevel.SIMPLE ? null : new Site("allocated");
    book.add(address, byteSize, byteAlignment, site);
  }

  /**
   * {@inheritDoc}
   *
   * @throws CheckedMemoryException at {@link LeakLevel#PARANOID}, if that is no live block of this
   *     allocator, size and alignment
   */
  @Override
  public boolean resize(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    if (off) {
      return wrapped.resize(address, oldByteSize, newByteSize, byteAlignment);
    }
    BlockArguments.checkResize(address, oldByteSize, newByteSize, byteAlignment);
    BlockBook.Entry entry = find("resize", address, oldByteSize, byteAlignment);
    boolean resized = wrapped.resize(address, oldByteSize, newByteSize, byteAlignment);
    if (resized && entry != null) {
      entry.resized(newByteSize);
    }
    return resized;
  }

  /**
   * {@inheritDoc}
   *
   * @throws CheckedMemoryException at {@link LeakLevel#PARANOID}, if that is no live block of this
   *     allocator, size and alignment
   */
  @Override
  public long reallocate(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    if (off) {
      return wrapped.reallocate(address, oldByteSize, newByteSize, byteAlignment);
    }
    BlockArguments.checkResize(address, oldByteSize, newByteSize, byteAlignment);
    BlockBook.Entry entry = claim("reallocate", address, oldByteSize, byteAlignment);
    long moved = NULL;
    try {
      moved = wrapped.reallocate(address, oldByteSize, newByteSize, byteAlignment);
    } finally {
      settle(entry, moved != NULL);
    }
    if (moved != NULL && (entry != null || paranoid)) {
      enter(moved, newByteSize, byteAlignment);
    }
    return moved;
  }

  /**
   * {@inheritDoc}
   *
   * @throws CheckedMemoryException at {@link LeakLevel#PARANOID}, if that is no live block of this
   *     allocator, size and alignment
   */
  @Override
  public void free(long address, long byteSize, long byteAlignment) {
    if (off) {
      wrapped.free(address, byteSize, byteAlignment);
      return;
    }
    BlockArguments.check(byteSize, byteAlignment);
    if (address == NULL) {
      return;
    }
    BlockBook.Entry entry = claim("free", address, byteSize, byteAlignment);
    boolean freed = false;
    try {
      wrapped.free(address, byteSize, byteAlignment);
      freed = true;
    } finally {
      settle(entry, freed);
    }
  }

  /** Returns the live entry of a block, or null if it is not tracked. */
  private BlockBook.@Nullable Entry find(
      String operation, long address, long byteSize, long byteAlignment) {
    BlockBook.Entry entry = book.get(address);
    if (paranoid && (entry != null || untracked.get() == 0)) {
      return book.require(operation, address, byteSize, byteAlignment);
    }
    return entry != null && entry.isLive() ? entry : null;
  }

  /**
   * Marks a block as freed before its memory is, so that of two frees of it one is found wrong.
   *
   * @return its entry, or null if it is not tracked
   */
  private BlockBook.@Nullable Entry claim(
      String operation, long address, long byteSize, long byteAlignment) {
    BlockBook.Entry entry = find(operation, address, byteSize, byteAlignment);
    if (entry == null) {
      return null;
    }
    synchronized (entry) {
      if (paranoid) {
        book.requireStillLive(operation, entry);
      } else if (!entry.isLive()) {
        return null;
      }
      entry.release(paranoid ? new Site("freed") : null);
    }
    return entry;
  }

  /** Remembers or forgets a block that was claimed, or takes the claim back. */
  private void settle(BlockBook.@Nullable Entry entry, boolean freed) {
    if (entry == null) {
      return;
    }
    if (!freed) {
      entry.revive();
    } else if (paranoid) {
      book.bury(entry);
    } else {
      book.forget(entry);
    }
  }

  // ---- leaks ----------------------------------------------------------------------------------

  /**
   * Returns the tracked blocks that are out, by where they were allocated, and tells the listener
   * of those that it was not yet told of. They are leaks if nobody should own a block by now.
   *
   * <p>Takes time in proportion to the number of tracked blocks.
   *
   * @return the report; empty at {@link LeakLevel#DISABLED}
   */
  public LeakReport report() {
    List<BlockBook.Entry> live = book.live();
    for (BlockBook.Entry entry : live) {
      if (!isSuppressed(entry) && entry.tellOnce()) {
        MemoryEvents.leaked(name(), entry.address, entry.byteSize(), entry.allocated);
        listener.leaked(leak(entry));
      }
    }
    return report(live);
  }

  private boolean isSuppressed(BlockBook.Entry entry) {
    return entry.allocated != null && suppressions.matches(entry.allocated.getStackTrace());
  }

  private Leak leak(BlockBook.Entry entry) {
    return new Leak(name(), entry.address, entry.byteSize(), entry.byteAlignment, entry.allocated);
  }

  private LeakReport report(List<BlockBook.Entry> live) {
    Map<Object, LeakReport.Site> sites = new LinkedHashMap<>();
    long suppressed = 0;
    for (BlockBook.Entry entry : live) {
      if (isSuppressed(entry)) {
        suppressed++;
      } else {
        LeakReport.Site one = new LeakReport.Site(1, entry.byteSize(), leak(entry));
        sites.merge(place(entry), one, LeakDetectingAllocator::sum);
      }
    }
    List<LeakReport.Site> sorted = new ArrayList<>(sites.values());
    sorted.sort(Comparator.comparingLong(LeakReport.Site::byteSize).reversed());
    return new LeakReport(name(), level, sampling, sorted, suppressed, untracked.get());
  }

  /** Returns what blocks of one site have in common. */
  private static Object place(BlockBook.Entry entry) {
    return entry.allocated == null
        ? (Object) entry.byteSize()
        : Arrays.asList(entry.allocated.getStackTrace());
  }

  private static LeakReport.Site sum(LeakReport.Site a, LeakReport.Site b) {
    return new LeakReport.Site(a.count() + b.count(), a.byteSize() + b.byteSize(), a.first());
  }

  private void printReport() {
    LeakReport report = report(book.live());
    if (!report.isEmpty()) {
      System.err.println(report);
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>Here: if any tracked block is out that is not suppressed, the listener is told, and this
   * allocator stays open and throws with the stacks that allocated the first of them. An arena or
   * fixed buffer releases its blocks as it is closed, so there it does neither.
   */
  @Override
  public void close() {
    if (!closed && !off && wrapped.freesIndividually()) {
      report();
      List<BlockBook.Entry> leaks =
          book.live().stream().filter(entry -> !isSuppressed(entry)).toList();
      if (!leaks.isEmpty()) {
        throw BlockBook.blocksOut(this, leaks);
      }
    }
    wrapped.close();
    noteClosed();
  }

  /**
   * {@inheritDoc}
   *
   * <p>Here: the listener is told of each tracked block that is out, and the wrapped allocator
   * closed forcibly.
   */
  @Override
  public void closeForcibly() {
    wrapped.closeForcibly();
    try {
      if (!closed && wrapped.freesIndividually()) {
        report();
      }
    } finally {
      noteClosed();
    }
  }

  private void noteClosed() {
    if (closed) {
      return;
    }
    closed = true;
    book.close();
    if (exitHook != null) {
      try {
        Runtime.getRuntime().removeShutdownHook(exitHook);
      } catch (IllegalStateException e) {
        // The JVM is about to exit; what the hook then finds is closed with nothing to report.
      }
    }
    book.live().forEach(entry -> entry.release(null));
  }

  // ---- what it is -----------------------------------------------------------------------------

  /**
   * Returns how closely this detector looks.
   *
   * @return its level
   */
  public LeakLevel level() {
    return level;
  }

  @Override
  public AllocationException failure(long byteSize, long byteAlignment) {
    return wrapped.failure(byteSize, byteAlignment);
  }

  @Override
  public String name() {
    return wrapped.name();
  }

  @Override
  public boolean isThreadSafe() {
    return wrapped.isThreadSafe();
  }

  @Override
  public boolean freesIndividually() {
    return wrapped.freesIndividually();
  }

  @Override
  public String toString() {
    return "leak-detecting(" + wrapped + ")";
  }
}
