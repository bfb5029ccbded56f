package io.caisson.alloc.internal;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Binds functions of native libraries: the only class that makes downcall handles. */
final class Downcalls {

  private static final Linker LINKER = Linker.nativeLinker();

  private Downcalls() {}

  /** Returns the address of a function of the C library, or a segment of address 0 if absent. */
  static MemorySegment find(String name) {
    return LINKER.defaultLookup().find(name).orElse(MemorySegment.NULL);
  }

  @SuppressWarnings("restricted")
  static MethodHandle bind(
      MemorySegment symbol, FunctionDescriptor type, Linker.Option... options) {
    return LINKER.downcallHandle(symbol, type, options);
  }
}
