package io.caisson.alloc;

import io.caisson.alloc.internal.Setting;
import java.util.Locale;

/**
 * How many bytes a kind of operation may use.
 *
 * <p>The limit can be set from outside: for a profile named {@code cache.rebuild}, by the property
 * {@code caisson.budget.cache.rebuild}, else by the environment variable {@code
 * CAISSON_BUDGET_CACHE_REBUILD} or {@code GM_BUDGET_CACHE_REBUILD}. It takes KiB, MiB and GiB.
 *
 * @param name the name of the operation, in lower case with dots and hyphens
 * @param limit the most that may be reserved at any moment, in bytes, at least 1
 */
public record BudgetProfile(String name, long limit) {

  /** Rebuilding a cache: 256 MiB. */
  public static final BudgetProfile CACHE_REBUILD = new BudgetProfile("cache.rebuild", 256 << 20);

  /** Querying attributes: 128 MiB. */
  public static final BudgetProfile ATTRIBUTE_QUERY = new BudgetProfile("attr.query", 128 << 20);

  /**
   * Creates a profile.
   *
   * @throws IllegalArgumentException if the name is blank or the limit not positive
   */
  public BudgetProfile {
    if (name.isBlank()) {
      throw new IllegalArgumentException("a budget without a name");
    }
    if (limit < 1) {
      throw new IllegalArgumentException(
          "budget '" + name + "': limit " + limit + "; expected at least 1");
    }
  }

  /**
   * Returns this profile with what the environment overrides.
   *
   * @return a profile of the same name
   * @throws IllegalArgumentException if the limit is malformed or 0; the message names the setting
   */
  public BudgetProfile configured() {
    String variable = "BUDGET_" + name.toUpperCase(Locale.ROOT).replace('-', '_').replace('.', '_');
    Setting setting =
        new Setting("caisson.budget." + name, "CAISSON_" + variable, "GM_" + variable);
    return new BudgetProfile(name, setting.positiveByteSize(limit));
  }
}
