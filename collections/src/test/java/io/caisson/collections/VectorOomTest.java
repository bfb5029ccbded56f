package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.MockAllocator;
import io.caisson.testkit.OomSweep;
import java.lang.foreign.ValueLayout;
import java.util.function.ObjIntConsumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Fails each allocation of vectors in turn. */
class VectorOomTest {

  static Stream<Supplier<Allocator>> allocators() {
    return Stream.of(
        Allocators::system, () -> new MockAllocator(Allocators.system()).refuseResize());
  }

  /** Adds steps that may do with less when an allocator refuses growth by half. */
  private static <V extends AutoCloseable> OomSweep<V> adding(
      OomSweep<V> sweep, int count, ObjIntConsumer<V> add) {
    for (int i = 0; i < count; i++) {
      int value = i;
      sweep.absorbingStep("add #" + i, vector -> add.accept(vector, value));
    }
    return sweep;
  }

  @ParameterizedTest
  @MethodSource("allocators")
  void longVector_eachAllocationFailing_changesNothing(Supplier<Allocator> allocators) {
    long allocations =
        adding(
                OomSweep.of(allocator -> new LongVector(allocator, 2)).over(allocators),
                100,
                LongVector::add)
            .absorbingStep("addAll", vector -> vector.addAll(new long[1000]))
            .absorbingStep("addAll of itself", vector -> vector.addAll(vector.asSlice().segment()))
            .absorbingStep("insert", vector -> vector.insert(0, 7))
            .absorbingStep("reserve", vector -> vector.reserve(5000))
            .step("trimToSize", LongVector::trimToSize)
            .step("removeLast", LongVector::removeLast)
            .step("clear", LongVector::clear)
            .step("trimToSize of none", LongVector::trimToSize)
            .absorbingStep("add again", vector -> vector.add(1))
            .step("sort", LongVector::sort)
            .contents(LongVector::toArray)
            .invariants(LongVector::checkInvariants)
            .run();
    assertTrue(allocations >= 6, "only " + allocations + " allocations were failed");
  }

  @ParameterizedTest
  @MethodSource("allocators")
  void intVector_eachAllocationFailing_changesNothing(Supplier<Allocator> allocators) {
    long allocations =
        adding(OomSweep.of(IntVector::new).over(allocators), 100, IntVector::add)
            .absorbingStep("addAll", vector -> vector.addAll(new int[1000]))
            .step("trimToSize", IntVector::trimToSize)
            .contents(IntVector::toArray)
            .invariants(IntVector::checkInvariants)
            .run();
    assertTrue(allocations >= 3, "only " + allocations + " allocations were failed");
  }

  @ParameterizedTest
  @MethodSource("allocators")
  void doubleVector_eachAllocationFailing_changesNothing(Supplier<Allocator> allocators) {
    long allocations =
        adding(OomSweep.of(DoubleVector::new).over(allocators), 100, DoubleVector::add)
            .absorbingStep("addAll", vector -> vector.addAll(new double[1000]))
            .step("trimToSize", DoubleVector::trimToSize)
            .contents(DoubleVector::toArray)
            .invariants(DoubleVector::checkInvariants)
            .run();
    assertTrue(allocations >= 3, "only " + allocations + " allocations were failed");
  }

  @ParameterizedTest
  @MethodSource("allocators")
  void structVector_eachAllocationFailing_changesNothing(Supplier<Allocator> allocators) {
    long allocations =
        adding(
                OomSweep.of(allocator -> new StructVector(allocator, 48)).over(allocators),
                100,
                (vector, i) -> vector.setInt(vector.add(), 44, i))
            .absorbingStep("insert", vector -> vector.insert(0))
            .absorbingStep("addAll", vector -> vector.addAll(vector.asSlice().segment()))
            .absorbingStep("reserve", vector -> vector.reserve(1000))
            .step("trimToSize", StructVector::trimToSize)
            .contents(vector -> vector.asSlice().segment().toArray(ValueLayout.JAVA_BYTE))
            .invariants(StructVector::checkInvariants)
            .run();
    assertTrue(allocations >= 6, "only " + allocations + " allocations were failed");
  }
}
