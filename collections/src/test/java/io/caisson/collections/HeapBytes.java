package io.caisson.collections;

import java.lang.reflect.Method;

/** Measures what a thread allocates on the Java heap. */
final class HeapBytes {

  /** What the measurement itself may take: an object or two, once. */
  private static final long SLACK = 4096;

  private HeapBytes() {}

  private static long allocated() {
    try { // by reflection, for the module under test does not read jdk.management
      Method bean =
          Class.forName("java.lang.management.ManagementFactory").getMethod("getThreadMXBean");
      Method bytes =
          Class.forName("com.sun.management.ThreadMXBean")
              .getMethod("getCurrentThreadAllocatedBytes");
      return (long) bytes.invoke(bean.invoke(null));
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("jdk.management is not there", e);
    }
  }

  /** Says whether an action that is repeated often allocates nothing each time. */
  static boolean allocatesNothing(Runnable manyTimes) {
    manyTimes.run(); // what is made once, when classes are loaded or code is compiled
    allocated();
    long before = allocated();
    manyTimes.run();
    return allocated() - before < SLACK;
  }
}
