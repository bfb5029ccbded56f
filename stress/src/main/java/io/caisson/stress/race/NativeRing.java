package io.caisson.stress.race;

import io.caisson.alloc.internal.Memory;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Native memory for the states of a race: jcstress makes thousands of states ahead, tells nobody
 * when one is done with, and gives them no end, so each gets the next place of a ring.
 */
public final class NativeRing {

  /** Far more than the states that are alive at once, which are about 10,240. */
  private static final int PLACES = 1 << 17;

  /** A cache line each for two words that are not to share one. */
  public static final long PLACE_SIZE = 128;

  private static final long PLACES_ADDRESS =
      Memory.allocatePermanent(PLACES * PLACE_SIZE, PLACE_SIZE);
  private static final AtomicLong NEXT = new AtomicLong();

  private NativeRing() {}

  /** Returns the address of {@link #PLACE_SIZE} bytes that are zero. */
  public static long next() {
    long place = PLACES_ADDRESS + (NEXT.getAndIncrement() & (PLACES - 1)) * PLACE_SIZE;
    Memory.fill(place, PLACE_SIZE, (byte) 0);
    return place;
  }
}
