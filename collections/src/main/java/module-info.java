import org.jspecify.annotations.NullMarked;

/**
 * Off-heap collections for one owner: vectors, tables, slices and strings.
 *
 * <p>Each takes an {@link io.caisson.alloc.Allocator} and frees what it took when it is closed.
 */
@NullMarked
module io.caisson.collections {
  requires transitive io.caisson.alloc;
  requires static transitive org.jspecify;

  exports io.caisson.collections;
}
