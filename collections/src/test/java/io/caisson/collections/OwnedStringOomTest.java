package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.MockAllocator;
import io.caisson.testkit.LeakCheck;
import io.caisson.testkit.OomSweep;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fails each allocation of strings in turn. */
class OwnedStringOomTest {

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void append_eachAllocationFailing_changesNothing(boolean moving) {
    long allocations =
        OomSweep.of(allocator -> OwnedString.copyOf(allocator, "größer"))
            .over(() -> allocator(moving))
            .steps(50, "append characters", (string, i) -> string.append("Zeile " + i + "\n"))
            .steps(4, "append itself", (string, i) -> string.append(string.view()))
            .contents(OwnedString::toString)
            .invariants(OwnedString::checkInvariants)
            .run();
    assertTrue(allocations >= 5, "only " + allocations + " allocations were failed");
  }

  private static Allocator allocator(boolean moving) {
    AccountedAllocator system = Allocators.system();
    return moving ? new MockAllocator(system).refuseResize() : system;
  }

  @Test
  void copyOf_exhausted_throwsAndLeaksNothing() {
    LeakCheck.run(allocator -> {
      MockAllocator mock = new MockAllocator(allocator);
      try (OwnedString original = OwnedString.copyOf(mock, "text")) {
        mock.failAfter(1);
        assertThrows(AllocationException.class, () -> OwnedString.copyOf(mock, "text"));
        assertThrows(AllocationException.class, () -> OwnedString.copyOf(mock, original.view()));
        assertEquals("text", original.toString());
      }
    });
  }
}
