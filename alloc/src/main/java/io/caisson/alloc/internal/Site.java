package io.caisson.alloc.internal;

/** The stack at which something happened to a block, and the thread in which it did. */
public final class Site extends Throwable {

  private static final long serialVersionUID = 1L;

  /**
   * Notes the caller's stack.
   *
   * @param what what happens to the block
   */
  public Site(String what) {
    super(what + " by thread '" + Thread.currentThread().getName() + "'");
  }
}
