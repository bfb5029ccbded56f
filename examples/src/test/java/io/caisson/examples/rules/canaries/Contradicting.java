package io.caisson.examples.rules.canaries;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.Borrowed;
import io.caisson.testkit.AllocatorContract;

/** Marks a method otherwise than the one it overrides. */
public abstract class Contradicting implements AllocatorContract {

  @Override
  @Borrowed
  public abstract Allocator newAllocator();
}
