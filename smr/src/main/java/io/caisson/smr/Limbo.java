package io.caisson.smr;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.internal.Memory;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where retired blocks wait: bags that are sealed with a tag, the room that is left for more, and
 * the freeing of what nobody can read any more.
 *
 * <p>Thread-safe and lock-free, save that making a bag when all are in use takes a lock. A local is
 * passed by who holds it.
 */
final class Limbo {

  /*
   * Layout. Sealed bags are on four stacks, by tag modulo 4. Two of them have bags that are ripe; on
   * the stack of the current tag one may lie under one that is not, until that is ripe too.
   *
   * Room. charged = what is in limbo + what is reserved, as credit of locals or by operations under
   * way. Only charge() adds to it, and never past the hard limit unless the policy is to grow. What
   * is freed becomes credit of the local that frees; what is above two chunks goes back.
   *
   * Ordering. F3, the fence before a tag is read, pairs with F1 in Pins. What a retiring thread did
   * to a block happens before its free: bags change hands by a slot's release and CAS, or by the
   * CASes of a stack.
   */

  /** The tags modulo which sealed bags are apart. */
  private static final int STACKS = 4;

  /** How far behind the epoch the tag is that is looked for first. */
  private static final int RIPE = 2;

  private static final long LARGEST_CHUNK = 64L << 10;
  private static final long CHUNK_WITHOUT_LIMIT = 16L << 10;
  private static final long LARGEST_SEAL = 256L << 10;

  private final SharedWords words;
  private final long hardLimit;
  private final long chunk;
  private final long sealByteSize;
  private final Bag none = new Bag(-1, 0);
  private final Roll<Bag> bags;
  private final VersionedStack<Bag> empty;
  private final SealedStacks sealed;
  private final @Nullable HandOver handOver;
  private final FreeFailures failures = new FreeFailures();
  private volatile Allocator[] allocators = new Allocator[0];

  Limbo(
      SharedWords words,
      int bagCapacity,
      long softLimit,
      long hardLimit,
      LimitPolicy policy,
      @Nullable HandOver handOver) {
    this.words = words;
    this.handOver = handOver;
    this.hardLimit = hardLimit;
    chunk =
        policy.grows()
            ? CHUNK_WITHOUT_LIMIT
            : Math.min(LARGEST_CHUNK, hardLimit / (8L * words.slots()));
    sealByteSize = Math.max(1, Math.min(LARGEST_SEAL, softLimit / 16));
    bags = new Roll<>(number -> new Bag(number, bagCapacity));
    empty = new VersionedStack<>(bags);
    sealed = new SealedStacks(bags);
  }

  /** Sealed bags by tag. */
  private static final class SealedStacks {
    private final VersionedStack<Bag> tag0;
    private final VersionedStack<Bag> tag1;
    private final VersionedStack<Bag> tag2;
    private final VersionedStack<Bag> tag3;

    SealedStacks(Roll<Bag> bags) {
      tag0 = new VersionedStack<>(bags);
      tag1 = new VersionedStack<>(bags);
      tag2 = new VersionedStack<>(bags);
      tag3 = new VersionedStack<>(bags);
    }

    VersionedStack<Bag> of(long tag) {
      return switch ((int) tag & (STACKS - 1)) {
        case 0 -> tag0;
        case 1 -> tag1;
        case 2 -> tag2;
        default -> tag3;
      };
    }
  }

  /** Returns how many bags were made. */
  int bags() {
    return bags.size();
  }

  FreeFailures failures() {
    return failures;
  }

  /** Creates a local that has nothing. */
  Local newLocal(int number) {
    return new Local(number, none);
  }

  // ---- allocators -------------------------------------------------------------------------------

  /** Registers an allocator and returns its number, the same for the same one. */
  synchronized int register(Allocator allocator) {
    Allocator[] known = allocators;
    for (int number = 0; number < known.length; number++) {
      if (known[number] == allocator) {
        return number;
      }
    }
    if (known.length == Bag.ALLOCATOR_LIMIT) {
      throw new IllegalStateException(
          "a domain frees to at most " + Bag.ALLOCATOR_LIMIT + " allocators");
    }
    Allocator[] more = Arrays.copyOf(known, known.length + 1);
    more[known.length] = allocator;
    allocators = more;
    return known.length;
  }

  private boolean hasAllocator(int number) {
    return number >= 0 && number < allocators.length;
  }

  /** Returns the allocator with a number, or null if there is none. */
  @Nullable Allocator allocator(int number) {
    return hasAllocator(number) ? allocators[number] : null;
  }

  /** Checks a block that is to be retired, before it is taken over. */
  void checkBlock(long address, long byteSize, long byteAlignment, int allocator) {
    if (address == Memory.NULL
        || byteSize <= 0
        || byteSize >= Bag.SIZE_LIMIT
        || Long.bitCount(byteAlignment) != 1
        || byteAlignment < 0
        || !hasAllocator(allocator)) {
      throw badBlock(address, byteSize, byteAlignment, allocator);
    }
  }

  private static IllegalArgumentException badBlock(
      long address, long byteSize, long byteAlignment, int allocator) {
    return new IllegalArgumentException(
        "retired a block at "
            + address
            + " of "
            + byteSize
            + " bytes aligned to "
            + byteAlignment
            + " to allocator "
            + allocator
            + "; expected no NULL, a size from 1 to 2^48 - 1, a power of two, and a number that"
            + " register returned");
  }

  // ---- room -------------------------------------------------------------------------------------

  /**
   * Gives a local what it needs to reserve room, or returns false if that would go past the hard
   * limit. The Java heap may be exhausted when a bag is made; the local is then sound.
   */
  boolean prepare(Local local, int blocks, long byteSize, boolean beyondLimit) {
    while (local.lacksBag(blocks)) {
      Bag bag = empty.pop();
      local.offer(bag != null ? bag : bags.add());
    }
    long needed = byteSize - local.credit();
    return needed <= 0 || charge(local, needed, beyondLimit);
  }

  /** A CAS loop, not an addition that is taken back: nobody may see more than the limit. */
  private boolean charge(Local local, long needed, boolean beyondLimit) {
    for (; ; ) {
      long charged = words.charged();
      long room = hardLimit - charged;
      long wanted = Math.max(needed, chunk);
      // Near the limit less and less, but not each time a little: who asks has swept all bags.
      long added = wanted <= room || beyondLimit ? wanted : Math.max(needed, room / 8);
      if (added > room && !beyondLimit) {
        return false;
      }
      if (words.compareAndSetCharged(charged, charged + added)) {
        local.addCredit(added);
        return true;
      }
    }
  }

  /** Gives back the credit beyond what is useful. */
  void trimCredit(Local local) {
    if (local.credit() > 2 * chunk) {
      words.addCharged(-local.takeCreditAbove(chunk));
    }
  }

  long charged() {
    return words.charged();
  }

  // ---- sealing ----------------------------------------------------------------------------------

  /** Says whether a bag holds so many bytes that it should not wait until it is full. */
  boolean isHeavy(Local local) {
    return local.bagByteSize() >= sealByteSize;
  }

  /** Puts the bag that a local fills, if anything is in it, where it waits for its time. */
  void seal(Local local) {
    Bag bag = local.takeFilled();
    if (bag != null) {
      bag.setTag(readTag());
      if (handOver == null || !handOver.offer(bag)) {
        sealed.of(bag.tag()).push(bag);
      }
    }
  }

  /** Takes what was handed over to where it waits; the caller holds a slot or is in a counter. */
  void collect() {
    if (handOver != null) {
      for (Bag bag = handOver.poll(); bag != null; bag = handOver.poll()) {
        sealed.of(bag.tag()).push(bag);
      }
    }
  }

  /** F3: the epoch after everything that the caller unlinked. */
  private long readTag() {
    VarHandle.fullFence();
    return words.epochVolatile();
  }

  /**
   * Takes from a local that nobody has all that would wait in it, into that of the caller: so that
   * few bags are sealed before they are full.
   */
  void gather(Local from, Local into) {
    Bag filled = from.takeFilled();
    if (filled != null && !into.take(filled)) {
      seal(into);
      if (!into.take(filled)) {
        into.fillWith(filled);
        filled = null;
      }
    }
    if (filled != null) {
      recycle(from, filled);
    }
    flush(from);
  }

  /** Takes from a local all that would wait in it: bags, credit. */
  void flush(Local local) {
    seal(local);
    Bag ripe = local.takeRipe();
    if (ripe != null) {
      sealed.of(ripe.tag()).push(ripe);
    }
    long credit = local.takeCreditAbove(0);
    if (credit != 0) {
      words.addCharged(-credit);
    }
  }

  // ---- freeing ----------------------------------------------------------------------------------

  /** Frees blocks that nobody can read any more, at most some; returns how many. */
  int free(Local local, int most) {
    int freed = 0;
    while (freed < most) {
      Bag ripe = local.ripe();
      if (ripe == null) {
        ripe = takeRipe();
        if (ripe == null) {
          return freed;
        }
        local.setRipe(ripe);
      }
      freeLast(local, ripe);
      freed++;
    }
    return freed;
  }

  private @Nullable Bag takeRipe() {
    long epoch = words.epochAcquire(); // acquire: pairs with the step
    if (epoch == SharedWords.CLOSED) {
      return null;
    }
    for (int behind = RIPE; behind < RIPE + STACKS; behind++) {
      Bag bag = sealed.of(epoch - behind).pop(epoch);
      if (bag != null) {
        return bag;
      }
    }
    return null;
  }

  /**
   * Frees one block. If its allocator throws that is noted, and reported when the domain is closed:
   * who frees here is some thread that has nothing to do with the block.
   */
  private void freeLast(Local local, Bag ripe) {
    long address = ripe.lastAddress();
    long byteSize = ripe.lastByteSize();
    long byteAlignment = ripe.lastByteAlignment();
    Allocator allocator = allocators[ripe.lastAllocator()];
    ripe.removeLast();
    if (ripe.isEmpty()) {
      local.setRipe(null);
      recycle(local, ripe);
    }
    try {
      allocator.free(address, byteSize, byteAlignment);
    } catch (RuntimeException | Error e) {
      failures.add(e);
    }
    local.freed(byteSize);
  }

  private void recycle(Local local, Bag emptied) {
    if (!local.offer(emptied)) {
      empty.push(emptied);
    }
  }

  /** Frees everything, of which the caller knows that nobody reads it; the domain is closed. */
  void freeAll(Local local) {
    collect();
    for (int stack = 0; stack < STACKS; stack++) {
      for (Bag bag = sealed.of(stack).pop(); bag != null; bag = sealed.of(stack).pop()) {
        local.setRipe(bag);
        while (!bag.isEmpty()) {
          freeLast(local, bag);
        }
      }
    }
  }
}
