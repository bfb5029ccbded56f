package io.caisson.smr;

/**
 * Tells JDK Flight Recorder of stalls and refusals; tells nobody in a runtime without jdk.jfr,
 * whose classes are then never loaded.
 */
final class DomainEvents {

  private static final boolean PRESENT =
      ModuleLayer.boot()
          .findModule("jdk.jfr")
          .filter(DomainEvents.class.getModule()::canRead)
          .isPresent();

  /** A stall is told of when it has lasted so long, and each time that has doubled. */
  private static final long FIRST_STALL_NANOS = 100_000_000;

  private final String domain;

  /** Races may tell of a stall twice. */
  private volatile long nextStallNanos = FIRST_STALL_NANOS;

  DomainEvents(String domain) {
    this.domain = domain;
  }

  /** Tells of a guard that holds the epoch back, if that is news. */
  void stalled(int slot, long nanos, long garbage) {
    if (nanos < FIRST_STALL_NANOS) {
      nextStallNanos = FIRST_STALL_NANOS;
    } else if (nanos >= nextStallNanos) {
      nextStallNanos = 2 * nanos;
      if (PRESENT) {
        new EpochStallEvent(domain, slot, nanos, garbage).commit();
      }
    }
  }

  /** Tells of an operation that was refused. */
  void refused(long requested, long charged, long hardLimit) {
    if (PRESENT) {
      new ReclamationRefusalEvent(domain, requested, charged, hardLimit).commit();
    }
  }
}
