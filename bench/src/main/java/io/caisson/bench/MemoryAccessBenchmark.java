package io.caisson.bench;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Field;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import sun.misc.Unsafe;

/**
 * Question: does an access through {@link Memory}, one segment over the whole address space, cost
 * more than one through Unsafe or into an array?
 *
 * <p>What would mislead: a loop that the compiler can vectorise (sums do, these chains do not), or
 * two kinds of segment at one access site. Each operation is one step of a random walk, whose
 * generator all share; {@code cas} is a compare-and-set that succeeds.
 *
 * <p>Run: {@code ./caisson bench MemoryAccess}
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 5,
    jvmArgsAppend = {
      "--enable-native-access=ALL-UNNAMED",
      "--sun-misc-unsafe-memory-access=allow",
      "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED"
    })
@State(Scope.Thread)
public class MemoryAccessBenchmark {

  private static final int STEPS = 1000;
  private static final Unsafe UNSAFE = unsafe();
  private static final VarHandle ARRAY = MethodHandles.arrayElementVarHandle(long[].class);

  /** The size of the memory walked over: in the first cache, and past the second. */
  @Param({"16384", "33554432"})
  int byteSize;

  private int mask;
  private long[] array;
  private AccountedAllocator allocator;
  private long address;
  private MemorySegment segment;
  private UnsafeBuffer buffer;

  /** Where the walk goes on; if each call began anew, all would walk over the same few lines. */
  private int walk;

  private static Unsafe unsafe() {
    try {
      Field field = Unsafe.class.getDeclaredField("theUnsafe");
      field.setAccessible(true);
      return (Unsafe) field.get(null);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  @Setup(Level.Trial)
  public void allocate() {
    int count = byteSize / Long.BYTES;
    mask = count - 1;
    array = new long[count];
    allocator = Allocators.system();
    address = allocator.allocate(byteSize, 64);
    segment = Memory.segment(address, byteSize);
    buffer = new UnsafeBuffer(address, byteSize);
    for (int i = 0; i < count; i++) {
      array[i] = i * 0x9E3779B97F4A7C15L;
      Memory.putLong(address + i * 8L, array[i]);
    }
  }

  @TearDown(Level.Trial)
  public void free() {
    allocator.free(address, byteSize, 64);
    allocator.close();
  }

  private static int step(int index, long value) {
    return index * 0x9E3779B1 + (int) value;
  }

  @Benchmark
  @OperationsPerInvocation(STEPS)
  public int readArray() {
    int index = walk;
    for (int i = 0; i < STEPS; i++) {
      index = step(index, array[index & mask]) + i;
    }
    walk = index;
    return index;
  }

  @Benchmark
  @OperationsPerInvocation(STEPS)
  public int readUnsafe() {
    int index = walk;
    for (int i = 0; i < STEPS; i++) {
      index = step(index, UNSAFE.getLong(address + (long) (index & mask) * Long.BYTES)) + i;
    }
    walk = index;
    return index;
  }

  @Benchmark
  @OperationsPerInvocation(STEPS)
  public int readMemory() {
    int index = walk;
    for (int i = 0; i < STEPS; i++) {
      index = step(index, Memory.getLong(address + (long) (index & mask) * Long.BYTES)) + i;
    }
    walk = index;
    return index;
  }

  @Benchmark
  @OperationsPerInvocation(STEPS)
  public int readSizedSegment() {
    int index = walk;
    for (int i = 0; i < STEPS; i++) {
      index = step(index, segment.getAtIndex(ValueLayout.JAVA_LONG, index & mask)) + i;
    }
    walk = index;
    return index;
  }

  @Benchmark
  @OperationsPerInvocation(STEPS)
  public int readAgrona() {
    int index = walk;
    for (int i = 0; i < STEPS; i++) {
      index = step(index, buffer.getLong((index & mask) * Long.BYTES)) + i;
    }
    walk = index;
    return index;
  }

  @Benchmark
  @OperationsPerInvocation(STEPS)
  public void writeUnsafe() {
    int index = 0;
    for (int i = 0; i < STEPS; i++) {
      index = step(index, i);
      UNSAFE.putLong(address + (long) (index & mask) * Long.BYTES, index);
    }
  }

  @Benchmark
  @OperationsPerInvocation(STEPS)
  public void writeMemory() {
    int index = 0;
    for (int i = 0; i < STEPS; i++) {
      index = step(index, i);
      Memory.putLong(address + (long) (index & mask) * Long.BYTES, index);
    }
  }

  @Benchmark
  @OperationsPerInvocation(STEPS)
  public void writeArray() {
    int index = 0;
    for (int i = 0; i < STEPS; i++) {
      index = step(index, i);
      array[index & mask] = index;
    }
  }

  @Benchmark
  @OperationsPerInvocation(STEPS)
  public int casUnsafe() {
    int swapped = 0;
    for (int i = 0; i < STEPS; i++) {
      long at = address + (long) (i & mask) * Long.BYTES;
      swapped += UNSAFE.compareAndSwapLong(null, at, UNSAFE.getLong(at), i) ? 1 : 0;
    }
    return swapped;
  }

  @Benchmark
  @OperationsPerInvocation(STEPS)
  public int casMemory() {
    int swapped = 0;
    for (int i = 0; i < STEPS; i++) {
      long at = address + (long) (i & mask) * Long.BYTES;
      swapped += Memory.compareAndSetLong(at, Memory.getLong(at), i) ? 1 : 0;
    }
    return swapped;
  }

  @Benchmark
  @OperationsPerInvocation(STEPS)
  public int casArray() {
    int swapped = 0;
    for (int i = 0; i < STEPS; i++) {
      swapped += ARRAY.compareAndSet(array, i & mask, array[i & mask], (long) i) ? 1 : 0;
    }
    return swapped;
  }
}
