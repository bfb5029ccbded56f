package io.caisson.alloc;

/** How near some memory is to its limit. */
public enum PressureLevel {
  /** Not near. */
  NORMAL,

  /** Near enough to give up what can be had again, such as caches. */
  MODERATE,

  /** So near that what can wait should wait. */
  CRITICAL
}
