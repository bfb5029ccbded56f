package io.caisson.alloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The setting with which an operator does without every allocator of ours. */
class KillSwitchTest {

  private static final String PROPERTY = "caisson.disable-custom-allocators";

  @AfterEach
  void clear() {
    System.clearProperty(PROPERTY);
  }

  private static final List<Supplier<AccountedAllocator>> FACTORIES =
      List.of(
          Allocators::heap,
          Allocators::mimalloc,
          Allocators::system,
          Allocators::systemWithHugePages);

  @Test
  void everyFactory_switchedOff_isTheSystems() {
    System.setProperty(PROPERTY, "1");
    for (Supplier<AccountedAllocator> factory : FACTORIES) {
      try (AccountedAllocator allocator = factory.get()) {
        assertEquals("system", allocator.name());
        assertEquals(SystemAllocator.class, allocator.raw().getClass());
        allocator.free(allocator.allocate(4 << 20, 8), 4 << 20, 8);
      }
    }
  }

  @Test
  void everyFactory_isTried() {
    long factories =
        Arrays.stream(Allocators.class.getMethods())
            .filter(method -> method.getDeclaringClass() == Allocators.class)
            .filter(method -> method.getParameterCount() == 0)
            .map(Method::getName)
            .count();
    assertEquals(FACTORIES.size(), factories);
  }

  @Test
  void systemWithHugePages_notSwitchedOff_isItself() {
    System.setProperty(PROPERTY, "no");
    try (AccountedAllocator allocator = Allocators.systemWithHugePages()) {
      assertEquals("system-huge-pages", allocator.name());
    }
  }

  @Test
  void everyOtherFactory_badValue_throwsNamingIt() {
    System.setProperty(PROPERTY, "perhaps");
    for (Supplier<AccountedAllocator> factory :
        List.<Supplier<AccountedAllocator>>of(
            Allocators::heap, Allocators::mimalloc, Allocators::systemWithHugePages)) {
      IllegalArgumentException bad = assertThrows(IllegalArgumentException.class, factory::get);
      assertTrue(bad.getMessage().contains(PROPERTY + " is 'perhaps'"), bad::getMessage);
    }
  }
}
