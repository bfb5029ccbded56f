import org.jspecify.annotations.NullMarked;

/**
 * The native library mimalloc, as a resource for each platform.
 *
 * <p>Nothing here is to be called: {@link io.caisson.alloc.MimallocAllocator} finds the library
 * wherever this module is on the module path, or its jar on the class path.
 */
@NullMarked
module io.caisson.mimalloc {
  requires io.caisson.alloc;
  requires static org.jspecify;

  provides io.caisson.alloc.MimallocSource with
      io.caisson.mimalloc.BundledMimalloc;
}
