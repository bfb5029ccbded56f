package io.caisson.smr;

import io.caisson.alloc.Owned;
import java.time.Duration;

/** Says how a {@link ReclamationDomain} is made. Not thread-safe. */
public final class DomainBuilder {

  private static final int LEAST_SLOTS = 64;
  private static final int SLOTS_PER_CORE = 8;
  private static final int MOST_SLOTS = 1 << 13;
  private static final int MOST_STRIPES = 8;
  private static final long UNSET = -1;

  String name = "domain";
  long hardLimit = 64L << 20;
  LimitPolicy policy = LimitPolicy.block(Duration.ofSeconds(1));
  int slots = defaultSlots();
  int bagCapacity = Bag.MAX_CAPACITY;
  Duration closeTimeout = Duration.ofSeconds(10);
  boolean background;
  private long softLimit = UNSET;

  DomainBuilder() {}

  private static int defaultSlots() {
    int wanted = Math.max(LEAST_SLOTS, SLOTS_PER_CORE * Runtime.getRuntime().availableProcessors());
    return Integer.highestOneBit(2 * wanted - 1);
  }

  /** Returns the number of stripes of overflow counters, a power of two. */
  int stripes() {
    return Math.min(MOST_STRIPES, slots);
  }

  /** Returns the soft limit in bytes: a quarter of the hard one if it is not set. */
  long softLimit() {
    return softLimit == UNSET ? hardLimit / 4 : Math.min(softLimit, hardLimit);
  }

  /**
   * Names the domain; "domain" if it is not named.
   *
   * @param name its name in messages and reports
   * @return this builder
   */
  public DomainBuilder name(String name) {
    this.name = name;
    return this;
  }

  /**
   * Sets the bytes above which operations that retire help to free; a quarter of the hard limit if
   * it is not set.
   *
   * @param byteSize the limit in bytes, not negative
   * @return this builder
   * @throws IllegalArgumentException if it is negative
   */
  public DomainBuilder softLimit(long byteSize) {
    if (byteSize < 0) {
      throw new IllegalArgumentException("soft limit is " + byteSize + "; expected 0 or more");
    }
    this.softLimit = byteSize;
    return this;
  }

  /**
   * Sets the most bytes that may be in limbo or reserved, and what is done there; 64 MiB and a wait
   * of a second if it is not set.
   *
   * @param byteSize the limit in bytes, at least 1
   * @param policy what an operation does when there is no room
   * @return this builder
   * @throws IllegalArgumentException if the limit is not positive
   */
  public DomainBuilder hardLimit(long byteSize, LimitPolicy policy) {
    if (byteSize < 1) {
      throw new IllegalArgumentException("hard limit is " + byteSize + "; expected 1 or more");
    }
    this.hardLimit = byteSize;
    this.policy = policy;
    return this;
  }

  /**
   * Sets how many guards have a slot of their own, 128 bytes each; those beyond share counters,
   * which costs them more. Eight for each processor, and at least 64, if it is not set.
   *
   * @param slots their number, rounded up to a power of two; from 1 to 8192
   * @return this builder
   * @throws IllegalArgumentException if the number is not so
   */
  public DomainBuilder slots(int slots) {
    if (slots < 1 || slots > MOST_SLOTS) {
      throw new IllegalArgumentException(slots + " slots; expected 1 to " + MOST_SLOTS);
    }
    this.slots = Integer.highestOneBit(2 * slots - 1);
    return this;
  }

  /**
   * Sets how many retired blocks are handed on together, which is also the most that one operation
   * may retire; 64 if it is not set. Fewer are freed earlier, at more cost.
   *
   * @param blocks their number, from 1 to 64
   * @return this builder
   * @throws IllegalArgumentException if the number is not so
   */
  public DomainBuilder bagCapacity(int blocks) {
    if (blocks < 1 || blocks > Bag.MAX_CAPACITY) {
      throw new IllegalArgumentException(
          blocks + " blocks in a bag; expected 1 to " + Bag.MAX_CAPACITY);
    }
    this.bagCapacity = blocks;
    return this;
  }

  /**
   * Sets how long {@link ReclamationDomain#close()} waits for open guards; 10 seconds if it is not
   * set.
   *
   * @param timeout the longest wait
   * @return this builder
   */
  public DomainBuilder closeTimeout(Duration timeout) {
    this.closeTimeout = timeout;
    return this;
  }

  /**
   * Has a thread of the domain's own free what is retired; without it those who retire free, a few
   * blocks each. It needs {@code org.jctools:jctools-core-jdk11} on the class or module path.
   *
   * @return this builder
   */
  public DomainBuilder reclaimInBackground() {
    this.background = true;
    return this;
  }

  /**
   * Makes the domain.
   *
   * @return the domain, owned by the caller, who closes it
   * @throws IllegalStateException if it is to reclaim in the background and JCTools is not there
   */
  public @Owned ReclamationDomain build() {
    try {
      ReclamationDomain domain = new ReclamationDomain(this);
      domain.start();
      return domain;
    } catch (NoClassDefFoundError e) {
      throw new IllegalStateException(
          "domain '"
              + name
              + "' cannot reclaim in the background: org.jctools:jctools-core-jdk11 is missing",
          e);
    }
  }
}
