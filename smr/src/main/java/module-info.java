import org.jspecify.annotations.NullMarked;

/**
 * Safe memory reclamation: blocks that one thread unlinks while others still read them are freed
 * when that is safe, to the allocator they came from.
 *
 * <p>Structures take an {@link io.caisson.smr.ReclamationDomain}, pin it around each operation, and
 * retire what they unlink through the {@link io.caisson.smr.Guard}.
 */
@NullMarked
module io.caisson.smr {
  requires transitive io.caisson.alloc;
  requires static jdk.jfr;
  requires static org.jctools.core.jdk11;
  requires static transitive org.jspecify;

  exports io.caisson.smr;
}
