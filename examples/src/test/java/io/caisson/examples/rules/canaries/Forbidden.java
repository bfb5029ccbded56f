package io.caisson.examples.rules.canaries;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

/** Uses all that is forbidden, and a class with a similar name that is not. */
@SuppressWarnings("restricted")
public final class Forbidden {

  private static final ThreadLocal<byte[]> SCRATCH = ThreadLocal.withInitial(() -> new byte[8]);

  private Forbidden() {}

  static Class<?> byName(boolean internal) throws ClassNotFoundException {
    return Class.forName(internal ? "jdk.internal.misc.Unsafe" : "sun.misc.Unsafe");
  }

  static MemorySegment memory(boolean global) {
    Supplier<Arena> arena = global ? Arena::global : Arena::ofShared;
    ByteBuffer buffer = ByteBuffer.allocateDirect(ThreadLocalRandom.current().nextInt(1, 9));
    return arena.get().allocate(buffer.capacity()).reinterpret(SCRATCH.get().length);
  }

  static MethodHandle call() {
    System.loadLibrary("none");
    return Linker.nativeLinker()
        .downcallHandle(
            SymbolLookup.loaderLookup().find("none").orElseThrow(),
            FunctionDescriptor.ofVoid(),
            Linker.Option.critical(false));
  }
}
