package io.caisson.testkit;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.Allocator;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Allocates and frees in methods of their own, to find in stacks. */
final class Stacks {

  private Stacks() {}

  static long allocateHere(Allocator allocator, long byteSize, long byteAlignment) {
    return allocator.allocate(byteSize, byteAlignment);
  }

  static void freeHere(Allocator allocator, long address, long byteSize, long byteAlignment) {
    allocator.free(address, byteSize, byteAlignment);
  }

  static void assertMentions(@Nullable Throwable stack, String method) {
    assertNotNull(stack, () -> "no stack, expected one through " + method);
    assertTrue(
        Arrays.stream(stack.getStackTrace())
            .anyMatch(frame -> frame.getMethodName().equals(method)),
        () -> Arrays.toString(stack.getStackTrace()));
  }
}
