package io.caisson.examples.rules.canaries;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.CleanupStack;
import java.util.HashMap;
import java.util.Map;

/** Keeps static state of every kind. */
public final class Stateful {

  /** A constant, which is none. */
  public static final String NAME = "stateful";

  /** A global allocator. */
  public static final Allocator DEFAULT = null;

  private static final Map<String, Integer> CACHE = new HashMap<>();
  private static final CleanupStack STACK = new CleanupStack();
  private static final int[] TABLE = {1};
  private static int count;

  private Stateful() {}

  /** Uses it all. */
  public static synchronized int next(String key) {
    count += TABLE[0];
    STACK.defer(() -> CACHE.remove(key));
    CACHE.put(key, count);
    return count;
  }
}
