import org.jspecify.annotations.NullMarked;

/**
 * Native memory behind one door, and the allocators that hand it out.
 *
 * <p>Applications use {@link io.caisson.alloc.Allocators} to get an allocator and {@link
 * io.caisson.alloc.Allocator} to pass it on. Grant native access to this module alone: {@code
 * --enable-native-access=io.caisson.alloc}.
 */
@NullMarked
@SuppressWarnings(
    "module") // the siblings named in the qualified export are not there at compile time
module io.caisson.alloc {
  requires static transitive org.jspecify;
  requires static jdk.jfr;

  exports io.caisson.alloc;
  exports io.caisson.alloc.internal to
      io.caisson.smr,
      io.caisson.collections,
      io.caisson.testkit;

  uses io.caisson.alloc.MimallocSource;
}
