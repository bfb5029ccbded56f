package io.caisson.mimalloc;

import io.caisson.alloc.MimallocSource;
import java.net.URL;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Tells where in this artifact the library for the running platform is.
 *
 * <p>Thread-safe.
 */
public final class BundledMimalloc implements MimallocSource {

  /** Creates a source. */
  public BundledMimalloc() {}

  @Override
  public @Nullable URL library() {
    String resource = resource(System.getProperty("os.name"), System.getProperty("os.arch"));
    return resource == null ? null : BundledMimalloc.class.getResource(resource);
  }

  /** Returns the name of the resource for a platform, or null if no library is built for it. */
  private static @Nullable String resource(String osName, String osArch) {
    String arch =
        switch (osArch) {
          case "amd64", "x86_64" -> "x64";
          case "aarch64", "arm64" -> "arm64";
          default -> null;
        };
    String system = osName.toLowerCase(Locale.ROOT);
    if (arch == null) {
      return null;
    } else if (system.equals("linux")) {
      return path("linux", arch, "libmimalloc.so");
    } else if (system.startsWith("mac")) {
      return path("macos", arch, "libmimalloc.dylib");
    } else if (system.startsWith("windows")) {
      return path("windows", arch, "mimalloc.dll");
    }
    return null;
  }

  private static String path(String system, String arch, String file) {
    return "/META-INF/native/" + system + "/" + arch + "/org/lwjgl/mimalloc/" + file;
  }

  @Override
  public String toString() {
    return "caisson-mimalloc";
  }
}
