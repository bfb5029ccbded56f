package io.caisson.alloc.internal;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** Loads native libraries and binds their functions: the only class that does either. */
final class Downcalls {

  private static final Linker LINKER = Linker.nativeLinker();

  private Downcalls() {}

  private static void requireNativeMemory() {
    if (Memory.SIMULATED) {
      throw SimulatedMemory.unsupported("a downcall");
    }
  }

  /** Returns the address of a function of the C library, or a segment of address 0 if absent. */
  static MemorySegment find(String name) {
    requireNativeMemory();
    return LINKER.defaultLookup().find(name).orElse(MemorySegment.NULL);
  }

  /**
   * Loads a library from a file, for as long as the JVM lives: closing a library that a thread has
   * used, and then ending the thread, can crash.
   *
   * @throws IllegalArgumentException if it cannot be loaded
   */
  @SuppressWarnings("restricted")
  static SymbolLookup load(Path file) {
    requireNativeMemory();
    return SymbolLookup.libraryLookup(file, Arena.global());
  }

  /**
   * Loads a library by the name that the platform's loader searches for, for as long as the JVM
   * lives.
   *
   * @throws IllegalArgumentException if it is not found or cannot be loaded
   */
  @SuppressWarnings("restricted")
  static SymbolLookup load(String name) {
    requireNativeMemory();
    return SymbolLookup.libraryLookup(name, Arena.global());
  }

  @SuppressWarnings("restricted")
  static MethodHandle bind(
      MemorySegment symbol, FunctionDescriptor type, Linker.Option... options) {
    requireNativeMemory();
    return LINKER.downcallHandle(symbol, type, options);
  }
}
