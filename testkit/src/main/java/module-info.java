import org.jspecify.annotations.NullMarked;

/**
 * What proves an allocator or a collection right: a contract suite, a sweep over failing
 * allocations, and leak checks.
 */
@NullMarked
module io.caisson.testkit {
  requires transitive io.caisson.alloc;
  requires static transitive org.jspecify;
  requires static transitive org.junit.jupiter.api;

  exports io.caisson.testkit;
}
