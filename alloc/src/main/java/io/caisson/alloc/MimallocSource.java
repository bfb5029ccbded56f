package io.caisson.alloc;

import java.net.URL;
import org.jspecify.annotations.Nullable;

/**
 * Tells {@link MimallocAllocator} where a mimalloc is that an artifact carries.
 *
 * <p>A service, provided by {@code caisson-mimalloc}; being one, it is found on the class path and
 * on the module path alike, with no option to set. Its {@code toString()} is the name of the
 * artifact, for messages.
 */
public interface MimallocSource {

  /**
   * Returns where the native library for the running platform is, to be copied to a file and
   * loaded.
   *
   * @return the place, or null if there is none for this platform
   */
  @Nullable URL library();
}
