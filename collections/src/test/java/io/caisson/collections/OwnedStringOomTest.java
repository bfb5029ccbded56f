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
            .absorbingStep("append characters", string -> append(string, 0))
            .absorbingStep("append more", string -> append(string, 10))
            .absorbingStep("append yet more", string -> append(string, 20))
            .absorbingStep("append itself", string -> string.append(string.view()))
            .absorbingStep("append itself again", string -> string.append(string.view()))
            .contents(OwnedString::toString)
            .invariants(OwnedString::checkInvariants)
            .run();
    assertTrue(allocations >= 5, "only " + allocations + " allocations were failed");
  }

  private static void append(OwnedString string, int from) {
    string.append("Zeile " + from + "\n" + "x".repeat(40));
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
