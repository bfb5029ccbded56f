package io.caisson.alloc;

import io.caisson.alloc.internal.Setting;
import java.util.Locale;

/**
 * How large the arena of a kind of operation starts and may get.
 *
 * <p>Each size can be set from outside: for a profile named {@code cache-rebuild}, by the property
 * {@code caisson.arena.cache-rebuild.hint} (or {@code .cap}), else by the environment variable
 * {@code CAISSON_ARENA_HINT_CACHE_REBUILD} or {@code GM_ARENA_HINT_CACHE_REBUILD}. Sizes take KiB,
 * MiB and GiB.
 *
 * @param name the name of the operation, in lower case with hyphens
 * @param hint the first block, in bytes, at least 1
 * @param cap the most that the arena takes from its parent, in bytes, at least {@code hint}
 */
public record ArenaProfile(String name, long hint, long cap) {

  /** Rebuilding a cache: 8 MiB, at most 256 MiB. */
  public static final ArenaProfile CACHE_REBUILD =
      new ArenaProfile("cache-rebuild", 8 << 20, 256 << 20);

  /** Querying attributes: 4 MiB, at most 128 MiB. */
  public static final ArenaProfile ATTRIBUTE_QUERY =
      new ArenaProfile("attr-query", 4 << 20, 128 << 20);

  /**
   * Creates a profile.
   *
   * @throws IllegalArgumentException if the hint is not positive or above the cap
   */
  public ArenaProfile {
    if (hint < 1 || cap < hint) {
      throw new IllegalArgumentException(
          "arena '" + name + "': hint " + hint + " and cap " + cap + "; expected 1 <= hint <= cap");
    }
  }

  /**
   * Returns this profile with what the environment overrides.
   *
   * @return a profile of the same name
   * @throws IllegalArgumentException if a size is malformed, or the hint above the cap
   */
  public ArenaProfile configured() {
    return new ArenaProfile(name, size("hint", hint), size("cap", cap));
  }

  private long size(String what, long otherwise) {
    String variable =
        "ARENA_"
            + what.toUpperCase(Locale.ROOT)
            + "_"
            + name.toUpperCase(Locale.ROOT).replace('-', '_');
    return new Setting(
            "caisson.arena." + name + "." + what, "CAISSON_" + variable, "GM_" + variable)
        .byteSize(otherwise);
  }
}
