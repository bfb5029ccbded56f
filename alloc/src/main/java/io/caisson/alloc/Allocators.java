package io.caisson.alloc;

import io.caisson.alloc.internal.MimallocLibrary;
import io.caisson.alloc.internal.Setting;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Where to get an allocator.
 *
 * <p>Each call makes a new one with an account of its own; nothing is shared, and there is no
 * global allocator. What is returned here is accounted for; {@link AccountedAllocator#raw()} opts
 * out.
 *
 * <p>With {@code caisson.disable-custom-allocators} (or {@code CAISSON_DISABLE_CUSTOM_ALLOCATORS},
 * {@code GM_DISABLE_CUSTOM_ALLOCATORS}) set to true, each of them is the C library's plain
 * allocator: for an operator who suspects one of ours. If it is set to what is neither true nor
 * false, all but {@link #system()} throw {@link IllegalArgumentException}.
 */
public final class Allocators {

  private static final System.Logger LOGGER = System.getLogger(Allocators.class.getName());
  private static final Setting KILL_SWITCH =
      new Setting(
          "caisson.disable-custom-allocators",
          "CAISSON_DISABLE_CUSTOM_ALLOCATORS",
          "GM_DISABLE_CUSTOM_ALLOCATORS");
  private static final AtomicBoolean FALLBACK_LOGGED = new AtomicBoolean();

  private Allocators() {}

  private static boolean isSystemOnly() {
    return KILL_SWITCH.flag(false);
  }

  /**
   * Returns the best general allocator that there is, accounted for: mimalloc where its library is
   * found, else the C library's.
   *
   * <p>The first call that does without mimalloc logs so, with level {@code INFO}.
   *
   * @return a thread-safe allocator, owned by the caller
   * @throws IllegalStateException if native access is denied; the message names the flag to add; or
   *     if {@code caisson.mimalloc.path} names what is no usable library
   */
  public static @Owned AccountedAllocator heap() {
    if (isSystemOnly()) {
      return system();
    }
    if (MimallocLibrary.isAvailable() || MimallocLibrary.isMisconfigured()) {
      return mimalloc();
    }
    if (FALLBACK_LOGGED.compareAndSet(false, true)) {
      LOGGER.log(
          System.Logger.Level.INFO,
          "No mimalloc library is found; Allocators.heap() is the C library's malloc");
    }
    return system();
  }

  /**
   * Returns mimalloc, accounted for.
   *
   * @return a thread-safe allocator, owned by the caller
   * @throws IllegalStateException if its library is not found, saying where it was looked for, or
   *     if native access is denied; the message names the flag to add
   * @see MimallocAllocator#load()
   */
  public static @Owned AccountedAllocator mimalloc() {
    return accounted(isSystemOnly() ? SystemAllocator.create() : MimallocAllocator.load());
  }

  /**
   * Returns the C library's allocator, accounted for.
   *
   * @return a thread-safe allocator, owned by the caller
   * @throws IllegalStateException if native access is denied; the message names the flag to add
   */
  @Owned
  public static AccountedAllocator system() {
    return accounted(SystemAllocator.create());
  }

  /**
   * Returns the C library's allocator with huge OS pages behind large blocks, accounted for.
   *
   * @return a thread-safe allocator, owned by the caller
   * @throws IllegalStateException if native access is denied; the message names the flag to add
   * @see SystemAllocator#withHugePages()
   */
  @Owned
  public static AccountedAllocator systemWithHugePages() {
    return accounted(isSystemOnly() ? SystemAllocator.create() : SystemAllocator.withHugePages());
  }

  /**
   * Puts an account on an allocator.
   *
   * @param allocator the allocator to account for; closed with the one returned
   * @return an allocator that counts and passes every call on, owned by the caller
   */
  @Owned
  public static AccountedAllocator accounted(@Owned Allocator allocator) {
    return new AccountedAllocator(allocator);
  }
}
