package io.caisson.smr;

/** What can be on a {@link VersionedStack}: it has a number, and a link to what is below it. */
class Numbered {

  final int number;

  /** The number of what is below this on the stack; read by those who lose the race to pop it. */
  volatile int below;

  Numbered(int number) {
    this.number = number;
  }

  /** Says whether this may be popped at an epoch; reads only what is written off the stack. */
  boolean mayLeaveAt(long epoch) {
    return true;
  }
}
