package io.caisson.smr;

import org.jspecify.annotations.NullMarked;

/** Pins without a domain, for races and model checks. */
@NullMarked
public final class PinsUnderTest {

  private final SharedWords words;
  private final Pins pins;

  /** Creates pins, none of them taken. */
  public PinsUnderTest(int slots) {
    words = new SharedWords(slots, 1);
    pins = new Pins(words);
  }

  /** Takes a slot without pinning, for good. */
  public void occupySlot() {
    pins.claim();
  }

  /** Returns the epoch. */
  public long epoch() {
    return words.epochVolatile();
  }

  /** Pins and returns the place. */
  public long pin() {
    return pins.pin();
  }

  /** Unpins a place. */
  public void unpin(long place) {
    pins.unpin(place);
  }

  /** Makes the epoch go on; returns 1 if it went on, else 0. */
  public int advance() {
    return pins.tryAdvance() ? 1 : 0;
  }
}
