package io.caisson.bench;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.caisson.alloc.internal.MimallocLibrary;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The patterns on mimalloc from C, compiled here with gcc, over the library that {@code
 * MimallocAllocator} uses. A call runs a whole loop.
 */
final class PatternsInC implements AllocationPatterns {

  private final MethodHandle pair;
  private final MethodHandle churn;
  private final MethodHandle batch;
  private final MethodHandle stop;

  PatternsInC() {
    SymbolLookup patterns = SymbolLookup.libraryLookup(compile(), Arena.global());
    FunctionDescriptor two = FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG);
    pair = bind(patterns, "pair", two);
    churn = bind(patterns, "churn", two);
    batch = bind(patterns, "batch", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));
    stop = bind(patterns, "stop", FunctionDescriptor.ofVoid());
    MethodHandle start = bind(patterns, "start", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS));
    MimallocLibrary library = MimallocLibrary.require();
    MemorySegment allocate = library.find("mi_malloc");
    MemorySegment free = library.find("mi_free");
    try {
      start.invokeExact(allocate, free);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static MethodHandle bind(SymbolLookup lookup, String name, FunctionDescriptor type) {
    return Linker.nativeLinker().downcallHandle(lookup.findOrThrow(name), type);
  }

  private static Path compile() {
    try (InputStream source = PatternsInC.class.getResourceAsStream("patterns.c")) {
      Path directory = Files.createTempDirectory("caisson-bench");
      Path file = directory.resolve("patterns.c");
      Files.write(file, source.readAllBytes());
      Path library = directory.resolve("patterns.so");
      List<String> command =
          List.of(
              "gcc",
              "-O3",
              "-march=native",
              "-shared",
              "-fPIC",
              "-o",
              library.toString(),
              file.toString());
      int status = new ProcessBuilder(command).inheritIO().start().waitFor();
      if (status != 0) {
        throw new IllegalStateException("gcc ended with status " + status);
      }
      return library;
    } catch (IOException e) {
      throw new IllegalStateException("gcc is needed: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public long pair(int steps, long byteSize) {
    try {
      return (long) pair.invokeExact((long) steps, byteSize);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public long churn(int steps, long maxByteSize) {
    try {
      return (long) churn.invokeExact((long) steps, maxByteSize);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public long batch(long byteSize) {
    try {
      return (long) batch.invokeExact(byteSize);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    try {
      stop.invokeExact();
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
