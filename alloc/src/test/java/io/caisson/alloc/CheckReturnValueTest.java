package io.caisson.alloc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class CheckReturnValueTest {

  /** That Error Prone makes an error of it is seen by whoever drops one of these results. */
  @Test
  void allocator_everythingThatMayFail_isMarked() {
    assertEquals(
        List.of("allocate", "allocateZeroed", "reallocate", "resize"),
        Arrays.stream(Allocator.class.getMethods())
            .filter(method -> method.isAnnotationPresent(CheckReturnValue.class))
            .map(Method::getName)
            .sorted()
            .toList());
  }
}
