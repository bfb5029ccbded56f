package io.caisson.alloc.internal;

import io.caisson.alloc.MimallocSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/**
 * The one mimalloc of this JVM: where it was found, and its functions.
 *
 * <p>Looked for once, at the first use: the file that {@code caisson.mimalloc.path} names, and then
 * nothing else; a library that an artifact carries; the system's. Thread-safe.
 */
public final class MimallocLibrary {

  private static final Setting PATH = new Setting("caisson.mimalloc.path", "CAISSON_MIMALLOC_PATH");

  /** What every version since 2 exports. A library that lacks one of these is none. */
  private static final List<String> FUNCTIONS =
      List.of(
          "mi_version",
          "mi_malloc",
          "mi_zalloc",
          "mi_malloc_aligned_at",
          "mi_zalloc_aligned_at",
          "mi_realloc",
          "mi_realloc_aligned_at",
          "mi_free",
          "mi_usable_size",
          "mi_collect",
          "mi_thread_init");

  private final SymbolLookup symbols;
  private final String origin;

  private MimallocLibrary(SymbolLookup symbols, String origin) {
    this.symbols = symbols;
    this.origin = origin;
  }

  /**
   * What the search came to. A failure is kept, not thrown: thrown from an initialiser it would be
   * another error from the second use on.
   */
  private record Search(@Nullable MimallocLibrary found, String failure, boolean misconfigured) {
    static final Search RESULT = search();
  }

  private static Search result() {
    Memory.requireNativeAccess();
    return Search.RESULT;
  }

  /**
   * Says whether there is a library.
   *
   * @return whether {@link #require()} returns one
   * @throws IllegalStateException if native access is denied; the message names the flag to add
   */
  public static boolean isAvailable() {
    return result().found != null;
  }

  /**
   * Says whether a library was asked for by path and is not usable, so that going without one would
   * be against what was asked.
   *
   * @return whether the setting is to be mended
   * @throws IllegalStateException if native access is denied; the message names the flag to add
   */
  public static boolean isMisconfigured() {
    return result().misconfigured;
  }

  /**
   * Returns the library.
   *
   * @return the library
   * @throws IllegalStateException if there is none, saying where it was looked for, or if native
   *     access is denied
   */
  public static MimallocLibrary require() {
    Search result = result();
    if (result.found == null) {
      throw new IllegalStateException(result.failure);
    }
    return result.found;
  }

  /**
   * Returns where the library is from.
   *
   * @return the path, the name of the artifact, or the name in the system
   */
  public String origin() {
    return origin;
  }

  /**
   * Returns the address of a function.
   *
   * @param function its name
   * @return a segment of size 0 there, or at address 0 if the library lacks it
   */
  public MemorySegment find(String function) {
    return symbols.find(function).orElse(MemorySegment.NULL);
  }

  // ---- the search -----------------------------------------------------------------------------

  private static Search search() {
    String path = PATH.text();
    try {
      if (path != null) {
        return found(Downcalls.load(Path.of(path)), path);
      }
    } catch (IllegalArgumentException | IllegalStateException e) {
      String cause = e instanceof InvalidPathException ? "no path" : e.getMessage();
      return new Search(
          null,
          PATH.source() + " is '" + path + "', which is no usable mimalloc library: " + cause,
          true);
    }
    List<String> tried = new ArrayList<>();
    Search bundled = searchArtifacts(tried);
    return bundled != null ? bundled : searchSystem(tried);
  }

  private static Search found(SymbolLookup symbols, String origin) {
    for (String function : FUNCTIONS) {
      if (symbols.find(function).isEmpty()) {
        throw new IllegalStateException("it has no function " + function);
      }
    }
    return new Search(new MimallocLibrary(symbols, origin), "", false);
  }

  private static @Nullable Search searchArtifacts(List<String> tried) {
    try {
      for (MimallocSource source :
          ServiceLoader.load(MimallocSource.class, MimallocSource.class.getClassLoader())) {
        URL library = source.library();
        if (library == null) {
          tried.add(source + " (not for this platform)");
          continue;
        }
        try {
          return found(extractAndLoad(library), source.toString());
        } catch (IllegalArgumentException | IllegalStateException | UncheckedIOException e) {
          tried.add(source + " (" + e.getMessage() + ")");
        }
      }
    } catch (ServiceConfigurationError e) {
      tried.add("services (" + e.getMessage() + ")");
    }
    if (tried.isEmpty()) {
      tried.add("caisson-mimalloc (not on the class path or module path)");
    }
    return null;
  }

  /*
   * A new file each time, which only this user can write and no other JVM knows of: nothing to
   * race for and nothing to trust. Once loaded it needs no name; where an open file cannot be
   * deleted, that is left to the end of the JVM.
   */
  private static SymbolLookup extractAndLoad(URL library) {
    String name = library.getPath();
    Path file = null;
    try {
      file = Files.createTempFile("caisson-mimalloc-", name.substring(name.lastIndexOf('.')));
      URLConnection connection = library.openConnection();
      connection.setUseCaches(false);
      try (InputStream in = connection.getInputStream();
          OutputStream out = Files.newOutputStream(file)) {
        in.transferTo(out);
      }
      return Downcalls.load(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot be unpacked: " + e, e);
    } finally {
      delete(file);
    }
  }

  private static void delete(@Nullable Path file) {
    if (file != null) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        file.toFile().deleteOnExit();
      }
    }
  }

  private static Search searchSystem(List<String> tried) {
    for (String name : systemNames(System.getProperty("os.name").toLowerCase(Locale.ROOT))) {
      try {
        return found(Downcalls.load(name), name);
      } catch (IllegalArgumentException | IllegalStateException e) {
        tried.add(name);
      }
    }
    return new Search(
        null,
        "no mimalloc library found; add the artifact io.caisson:caisson-mimalloc, or name one by -D"
            + PATH.property()
            + ". Tried: "
            + String.join(", ", tried),
        false);
  }

  private static List<String> systemNames(String system) {
    if (system.startsWith("windows")) {
      return List.of("mimalloc.dll");
    }
    return system.startsWith("mac")
        ? List.of("libmimalloc.3.dylib", "libmimalloc.2.dylib")
        : List.of("libmimalloc.so.3", "libmimalloc.so.2", "libmimalloc.so.2.0");
  }
}
