package io.caisson.smr;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.Owned;
import io.caisson.alloc.internal.Memory;
import io.caisson.alloc.internal.MemoryMode;
import io.caisson.alloc.internal.SimulatedMemory;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Frees blocks that some threads unlink while others still read them, when nobody can read them any
 * more: one for each set of structures that are used together.
 *
 * <p>A thread {@linkplain #pin() pins} the domain before it reads a root, and gets a {@link Guard};
 * what it reaches is not freed before the guard is closed. A thread that unlinks a block
 * {@linkplain Guard#retire retires} it; later operations free it, a few blocks each, on whatever
 * thread.
 *
 * <p><b>Limits.</b> What is retired and not yet freed is garbage in limbo, and a guard that stays
 * open keeps it there. {@code limbo + reserved} bytes never exceed the hard limit, unless the
 * policy is {@link LimitPolicy#grow}: an operation that may retire reserves room when it pins,
 * {@link #pin(int, long)}, and that is where it waits or is refused, before it has read or changed
 * anything. Above the soft limit operations help to free more eagerly.
 *
 * <p>Thread-safe, for platform and virtual threads alike; nothing is kept for a thread, so threads
 * may come, die and change carriers as they like. Pinning and unpinning to read is lock-free, and
 * allocates nothing on the Java heap once compiled. Retiring is lock-free in so far as the
 * allocators that it frees to are.
 *
 * <p>Actions before {@link Guard#retire} in the retiring thread, and those of any guard that might
 * have read the block, happen-before its free.
 */
public final class ReclamationDomain implements AutoCloseable {

  /*
   * Purpose. Epoch-based reclamation whose slots belong to guards. Pins says when nobody can still
   * read a block, and has the theorem; Limbo keeps the garbage and the room; Closing ends both; this class joins them,
   * so that every order that the protocol demands between the two is to be seen here.
   *
   * Invariants.
   * D1  Of locals; see Locals.
   * D2  Who owns a bag off the stacks holds a slot or is in a counter, so that close waits for it.
   * D3  Nobody waits while he holds a slot or is in a counter.
   * D4  Room is refused at the pin only, before any root is read.
   * D5  Slots, counters and the epoch are never freed: a thread that read the epoch before close,
   *     and stalled, still touches them.
   *
   * Progress. The epoch goes on only when there is garbage: when a bag is sealed, when room is short,
   * and in drain, synchronize and housekeeping.
   *
   * Length. Half of the lines are contracts; what is left is the order of the steps, which D2 to D4 are about.
   */

  /** Blocks freed now and then: more than were retired meanwhile, so that a backlog shrinks. */
  private static final int FREED_PER_SETTLING = 2 * Local.RETIRED_PER_SETTLING;

  /** The same above the soft limit. */
  private static final int FREED_PER_EAGER_SETTLING = 8 * Local.RETIRED_PER_SETTLING;

  /** Blocks freed at a time by who keeps house. */
  private static final int FREED_PER_HELP = 256;

  /** The same in a round of draining. */
  private static final int FREED_PER_DRAIN = 4096;

  /** Rounds that free nothing, after which draining ends: garbage is freed two steps on. */
  private static final int FRUITLESS_ROUNDS = 4;

  /** How often room is looked for without waiting: garbage is freed two steps on. */
  private static final int ATTEMPTS = 3;

  /** How many stuck guards a message tells of; there may be thousands. */
  private static final int STUCK_IN_MESSAGE = 8;

  private static final boolean CHECKED = Memory.MODE == MemoryMode.CHECKED;

  private final String name;
  private final long softLimit;
  private final long hardLimit;
  private final LimitPolicy policy;
  private final int bagCapacity;
  private final Duration closeTimeout;
  private final SharedWords words;
  private final Pins pins;
  private final Limbo limbo;
  private final Locals locals;
  private final LongAdder refused = new LongAdder();
  private final LongAdder beyondHardLimit = new LongAdder();
  private final @Nullable PinBook book;
  private final DomainEvents events;
  private final @Nullable HandOver handOver;
  private final @Nullable Reclaimer reclaimer;
  private final Closing closing;

  ReclamationDomain(DomainBuilder builder) {
    name = builder.name;
    softLimit = builder.softLimit();
    hardLimit = builder.hardLimit;
    policy = builder.policy;
    bagCapacity = builder.bagCapacity;
    closeTimeout = builder.closeTimeout;
    words = new SharedWords(builder.slots, builder.stripes());
    pins = new Pins(words);
    handOver = builder.background ? new HandOver() : null;
    limbo = new Limbo(words, bagCapacity, softLimit, hardLimit, policy, handOver);
    locals = new Locals(pins, limbo, builder.slots);
    events = new DomainEvents(name);
    book = CHECKED ? new PinBook(name) : null;
    reclaimer = handOver != null ? new Reclaimer(this, handOver) : null;
    closing = new Closing(words, pins, limbo, locals, book, reclaimer);
  }

  /** Creates a domain with the defaults of {@link #builder}. */
  public ReclamationDomain() {
    this(builder());
  }

  /** Starts the domain's own thread, if it has one. */
  void start() {
    if (reclaimer != null) {
      reclaimer.start();
    }
  }

  /**
   * Starts a domain.
   *
   * @return a builder
   */
  public static DomainBuilder builder() {
    return new DomainBuilder();
  }

  /**
   * Returns the name of this domain.
   *
   * @return its name in messages and reports
   */
  public String name() {
    return name;
  }

  /**
   * Returns how long {@link #close()} waits for open guards; structures wait as long when they are
   * closed.
   *
   * @return the longest wait
   */
  public Duration closeTimeout() {
    return closeTimeout;
  }

  /**
   * Makes an allocator known, so that blocks can be retired to it.
   *
   * @param allocator where blocks are freed to; thread-safe, and outlives the domain
   * @return its number, for {@link Guard#retire}; the same for the same allocator
   * @throws IllegalArgumentException if the allocator is not thread-safe
   * @throws IllegalStateException if there are 1024 already
   */
  public int register(@Borrowed Allocator allocator) {
    if (!allocator.isThreadSafe()) {
      throw new IllegalArgumentException(
          "allocator '"
              + allocator.name()
              + "' is not thread-safe; a domain frees on any thread and needs one that is");
    }
    return limbo.register(allocator);
  }

  // ---- pin --------------------------------------------------------------------------------------

  /**
   * Pins the domain to read. Lock-free; it never waits, whatever others do.
   *
   * @return a guard, owned by the caller, who closes it
   * @throws IllegalStateException if the domain is closed
   */
  @Owned
  public Guard pin() {
    Guard guard = new Guard(this);
    long place = pins.pin();
    requireOpen(place);
    guard.open(place, null);
    if (CHECKED) {
      record(guard, place);
    }
    return guard;
  }

  /**
   * Pins the domain for an operation that may retire, and reserves room for that. If the garbage is
   * at the hard limit, it waits, refuses or goes beyond, as the policy says; under another guard of
   * the same thread, which holds garbage back, it may wait in vain.
   *
   * @param blocks the most blocks that will be retired under the guard, from 1 to {@link
   *     #maxBlocks()}
   * @param byteSize the most bytes that these have together
   * @return a guard, owned by the caller, who closes it
   * @throws IllegalArgumentException if the number of blocks or bytes cannot be
   * @throws ReclamationLimitException if there is no room; nothing is pinned then
   * @throws IllegalStateException if the domain is closed
   */
  @Owned
  public Guard pin(int blocks, long byteSize) {
    checkRequest(blocks, byteSize);
    Guard guard = new Guard(this);
    long place = pinReserved(blocks, byteSize);
    guard.open(place, locals.at(place));
    if (CHECKED) {
      record(guard, place);
    }
    return guard;
  }

  /**
   * Pins as {@link #pin(int, long)} does, unless there is no room: for what can be put off. It
   * frees what it can, but never waits, whatever the policy; nor is it counted as refused.
   *
   * @param blocks as there
   * @param byteSize as there
   * @return a guard, owned by the caller, who closes it; or null, and nothing is pinned
   * @throws IllegalArgumentException as there
   * @throws IllegalStateException if the domain is closed
   */
  @Owned
  public @Nullable Guard tryPin(int blocks, long byteSize) {
    checkRequest(blocks, byteSize);
    Guard guard = new Guard(this);
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      long place = pins.pin();
      requireOpen(place);
      long reserved = tryReserve(place, blocks, byteSize, policy.grows());
      if (reserved != Place.NONE) {
        guard.open(reserved, locals.at(reserved));
        if (CHECKED) {
          record(guard, reserved);
        }
        return guard;
      }
      keepHouse(FREED_PER_HELP);
    }
    return null;
  }

  /**
   * Returns the most blocks that one operation may retire.
   *
   * @return the number of blocks, what a bag holds
   */
  public int maxBlocks() {
    return bagCapacity;
  }

  /**
   * Returns the most bytes that one operation may ask for; more is refused always.
   *
   * @return the hard limit in bytes, or {@link Long#MAX_VALUE} if the policy is to grow
   */
  public long maxByteSize() {
    return policy.grows() ? Long.MAX_VALUE : hardLimit;
  }

  private void checkRequest(int blocks, long byteSize) {
    if (blocks < 1 || blocks > bagCapacity || byteSize < 0 || byteSize >= blocks * Bag.SIZE_LIMIT) {
      throw badRequest(blocks, byteSize);
    }
  }

  private IllegalArgumentException badRequest(int blocks, long byteSize) {
    return new IllegalArgumentException(
        "pin for "
            + blocks
            + " blocks of "
            + byteSize
            + " bytes; expected 1 to "
            + bagCapacity
            + " blocks, each of less than 2^48 bytes");
  }

  private void requireOpen(long place) {
    if (place == Place.NONE) {
      throw closed();
    }
  }

  private IllegalStateException closed() {
    return new IllegalStateException("domain '" + name + "' is closed");
  }

  private void record(Guard guard, long place) {
    try {
      if (book != null) {
        guard.register(book, place);
      }
    } catch (RuntimeException | Error e) {
      guard.close(); // the caller will not have it
      throw e;
    }
  }

  private long pinReserved(int blocks, long byteSize) {
    long place = pins.pin();
    if (Place.isSlot(place) && locals.ofSlot(Place.slot(place)).reserve(blocks, byteSize)) {
      return place;
    }
    return reserveAt(place, blocks, byteSize);
  }

  private long reserveAt(long place, int blocks, long byteSize) {
    requireOpen(place);
    long here = place;
    if (limbo.charged() > softLimit) {
      pins.unpin(here);
      keepHouse(FREED_PER_HELP);
      here = pins.pin();
      requireOpen(here);
    }
    long reserved = tryReserve(here, blocks, byteSize, false);
    return reserved != Place.NONE ? reserved : awaitRoom(blocks, byteSize);
  }

  /** Reserves room for who is pinned at a place, or unpins it and returns NONE. */
  private long tryReserve(long place, int blocks, long byteSize, boolean beyondLimit) {
    Local local = null;
    boolean reserved = false;
    try {
      local = locals.take(place);
      reserved =
          limbo.prepare(local, blocks, byteSize, beyondLimit) && local.reserve(blocks, byteSize);
    } finally {
      if (!reserved) {
        locals.leave(place, local);
      }
    }
    return reserved ? Locals.withLocal(place, local) : Place.NONE;
  }

  /** D3: unpinned between the attempts, and freeing what can be freed. */
  private long awaitRoom(int blocks, long byteSize) {
    Deadline deadline = new Deadline(policy.timeoutNanos());
    do {
      keepHouse(FREED_PER_HELP);
      long place = pins.pin();
      requireOpen(place);
      long reserved = tryReserve(place, blocks, byteSize, policy.grows());
      if (reserved != Place.NONE) {
        if (limbo.charged() > hardLimit) {
          beyondHardLimit.increment();
        }
        return reserved;
      }
    } while (deadline.pause());
    throw refuse(byteSize);
  }

  private ReclamationLimitException refuse(long byteSize) {
    refused.increment();
    events.refused(byteSize, limbo.charged(), hardLimit);
    int slotPins = pins.pinnedSlots();
    long counterPins = pins.pinnedInCounters();
    return new ReclamationLimitException(
        name,
        byteSize,
        limbo.charged(),
        hardLimit,
        "policy " + policy + "; " + (slotPins + counterPins) + " guards are open");
  }

  // ---- what guards do ---------------------------------------------------------------------------

  void retire(Local local, long address, long byteSize, long byteAlignment, int allocator) {
    limbo.checkBlock(address, byteSize, byteAlignment, allocator);
    SimulatedMemory.markRetired(address);
    if (local.retire(address, byteSize, byteAlignment, allocator)) {
      settle(local);
    }
  }

  /** What is due now and then: seals the bag if it is full, and frees more than came in. */
  private void settle(Local local) {
    if (local.isFull()) {
      limbo.seal(local);
      pins.tryAdvance();
    }
    if (limbo.charged() > softLimit) {
      limbo.free(local, FREED_PER_EAGER_SETTLING);
    } else if (handOver == null) {
      limbo.free(local, FREED_PER_SETTLING);
    }
  }

  /** Moves a guard on; what waits in its place goes on without it, for nobody else can take it. */
  long refresh(long place, @Nullable Local reserving) {
    Local local = reserving;
    if (local == null && Place.isSlot(place)) {
      local = locals.ofSlot(Place.slot(place));
    }
    if (local != null && !local.isIdle() && local.mayGiveUpBag()) {
      limbo.flush(local);
    }
    return pins.refresh(place);
  }

  void unpin(long place) {
    pins.unpin(place);
  }

  /** Ends an operation that reserved; frees come before the place is released. D2 */
  void unpin(long place, Local local) {
    local.endOperation();
    if (limbo.isHeavy(local)) {
      limbo.seal(local);
      pins.tryAdvance();
      settle(local);
    }
    limbo.trimCredit(local);
    locals.leave(place, local);
  }

  // ---- keeping house ----------------------------------------------------------------------------

  /**
   * Seals what waits in slots that nobody holds, tries to make the epoch go on, and frees some of
   * what is ripe; says whether anything came of it. D2: it holds a slot, or is in a counter.
   */
  boolean keepHouse(int most) {
    long place = pins.claim();
    if (place == Place.NONE) {
      return false;
    }
    Local local = null;
    try {
      local = locals.take(place);
      sweepInto(local);
      limbo.collect();
      boolean advanced = advance();
      int freed = limbo.free(local, most);
      limbo.flush(local);
      return advanced || freed > 0;
    } finally {
      locals.leave(place, local);
    }
  }

  private void sweepInto(Local local) {
    locals.sweep(from -> limbo.gather(from, local));
    limbo.flush(local);
  }

  /** Makes the epoch go on if there is garbage that waits for it; else tells who holds it back. */
  private boolean advance() {
    if (!hasGarbage()) {
      return false;
    }
    boolean advanced = pins.tryAdvance();
    if (!advanced) {
      int slot = pins.laggingSlot();
      events.stalled(slot, pins.lagNanos(words.epochVolatile()), locals.garbageBytes());
    }
    return advanced;
  }

  /**
   * Frees all that can be freed now, without waiting for anybody.
   *
   * @return whether no garbage was left; false while a guard holds some back
   */
  public boolean drain() {
    long retiredBefore = locals.sum(Local::retiredBlocks);
    long freed = locals.sum(Local::freedBlocks);
    int fruitless = 0;
    while (keepHouse(FREED_PER_DRAIN) && freed < retiredBefore && fruitless < FRUITLESS_ROUNDS) {
      long freedNow = locals.sum(Local::freedBlocks);
      fruitless = freedNow == freed ? fruitless + 1 : 0;
      freed = freedNow;
    }
    return locals.garbageBlocks() == 0;
  }

  /**
   * Frees all that was retired, and waits for the guards that hold some of it back.
   *
   * @param timeout the longest wait
   * @return whether no garbage was left at some moment; false when the time is up, the thread was
   *     interrupted, or the domain is closed
   */
  public boolean drain(Duration timeout) {
    Deadline deadline = Deadline.after(timeout);
    while (!drain()) {
      if (!deadline.pause()) {
        return false;
      }
    }
    return true;
  }

  /**
   * Waits until every guard that is open now has been closed or refreshed: what was unlinked before
   * the call can be freed by the caller after it. A structure that is closed does this rather than
   * retire all that it holds. Not under a guard of one's own, which it waits for.
   *
   * @param timeout the longest wait
   * @return whether they all have; false when the time is up or the thread was interrupted
   */
  public boolean synchronize(Duration timeout) {
    Deadline deadline = Deadline.after(timeout);
    VarHandle.fullFence(); // F3: after the caller unlinked
    long tag = words.epochVolatile();
    while (!Bag.isRipe(tag, words.epochAcquire())) {
      if (words.epochVolatile() == SharedWords.CLOSED) {
        return pins.awaitNone(deadline);
      }
      if (!pins.tryAdvance() && !deadline.pause()) {
        return false;
      }
    }
    return true;
  }

  // ---- the end ----------------------------------------------------------------------------------

  /**
   * Closes as {@link #close(Duration)} with the time that the domain was built with. Closing again
   * is fine once it has succeeded, and tries again if it has not.
   *
   * @throws IllegalStateException if guards are still open, and then their blocks are not freed; or
   *     if an allocator threw when it was given back a block, which is told once
   */
  @Override
  public void close() {
    CloseReport result = close(closeTimeout);
    Throwable failure = result.clean() ? limbo.failures().takeFirst() : null;
    if (failure != null) {
      throw new IllegalStateException(
          "domain '"
              + name
              + "' is closed, and an allocator failed to free "
              + result.failedFrees()
              + " blocks that were retired to it",
          failure);
    }
    if (!result.clean()) {
      throw new IllegalStateException(
          "domain '"
              + name
              + "' was closed with "
              + result.stuck().size()
              + " guards open after "
              + closeTimeout
              + ", or an interruption; "
              + result.leakedBlocks()
              + " blocks of "
              + result.leakedBytes()
              + " bytes that they might read are not freed; the first are "
              + result.stuck().stream().limit(STUCK_IN_MESSAGE).toList());
    }
  }

  /**
   * Lets nobody pin any more, waits for the guards that are open, and frees all that was retired.
   * At the deadline, or when the thread is interrupted, it gives up and frees nothing; it may be
   * called again, and then goes on waiting.
   *
   * @param timeout the longest wait
   * @return how it ended
   */
  public CloseReport close(Duration timeout) {
    return closing.close(Deadline.after(timeout));
  }

  // ---- figures ----------------------------------------------------------------------------------

  /** Returns how many bags were made. */
  int bags() {
    return limbo.bags();
  }

  boolean hasGarbage() {
    return locals.garbageBlocks() != 0;
  }

  @Nullable Allocator allocator(int number) {
    return limbo.allocator(number);
  }

  /**
   * Returns what this domain did and holds.
   *
   * @return the figures
   */
  public DomainStats stats() {
    long current = words.epochVolatile();
    boolean isClosed = current == SharedWords.CLOSED;
    long epoch = pins.lastEpoch();
    long freedBlocks = locals.sum(Local::freedBlocks);
    long freedBytes = locals.sum(Local::freedBytes);
    long retiredBlocks = locals.sum(Local::retiredBlocks);
    long retiredBytes = locals.sum(Local::retiredBytes);
    return new DomainStats(
        name,
        isClosed,
        epoch,
        pins.pinnedSlots(),
        pins.pinnedInCounters(),
        pins.lag(epoch),
        pins.lagNanos(epoch),
        retiredBlocks - freedBlocks,
        retiredBytes - freedBytes,
        limbo.charged(),
        retiredBlocks,
        retiredBytes,
        freedBlocks,
        freedBytes,
        refused.sum(),
        beyondHardLimit.sum(),
        limbo.failures().count(),
        book == null ? 0 : book.leaked());
  }

  /** Returns the name and the state of this domain. */
  @Override
  public String toString() {
    return stats().toString();
  }
}
