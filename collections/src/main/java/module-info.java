import org.jspecify.annotations.NullMarked;

/**
 * Off-heap collections: vectors, lists, tables, sets, buffers, interning, slices and text for one
 * owner; tables, ordered maps and sets, a vector, stacks and queues for many threads.
 *
 * <p>Each takes an {@link io.caisson.alloc.Allocator} and frees what it took when it is closed.
 * Those whose threads unlink blocks that others may read take an {@link
 * io.caisson.smr.ReclamationDomain} too.
 */
@NullMarked
module io.caisson.collections {
  requires transitive io.caisson.alloc;
  requires transitive io.caisson.smr;
  requires static transitive org.jspecify;

  exports io.caisson.collections;
}
