package io.caisson.collections;

import io.caisson.alloc.View;

/** Takes the bytes of an element or a message where they are. */
@FunctionalInterface
public interface SliceConsumer {
  /**
   * Takes one.
   *
   * @param bytes its bytes, elements of one byte each; valid until this method returns
   */
  void accept(@View Slice bytes);
}
