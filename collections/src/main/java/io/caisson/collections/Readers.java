package io.caisson.collections;

import io.caisson.smr.ReclamationDomain;

/** Waits, when a structure is closed, for those who may still read its blocks. */
final class Readers {

  private Readers() {}

  /**
   * Returns once every guard that is open now is closed, or throws after the domain's time.
   *
   * @param domain the domain of the structure, which lets nobody in any more
   * @param type the name of its type, for the message
   */
  static void await(ReclamationDomain domain, String type) {
    if (!domain.synchronize(domain.closeTimeout())) {
      throw new IllegalStateException(
          "this "
              + type
              + " is closed, but its memory is not freed: guards of domain '"
              + domain.name()
              + "' stayed open for "
              + domain.closeTimeout()
              + ", or this thread was interrupted; close it again when they are gone");
    }
  }
}
