package io.caisson.alloc;

/**
 * Where to get an allocator.
 *
 * <p>Each call makes a new one with an account of its own; nothing is shared, and there is no
 * global allocator. What is returned here is accounted for; {@link AccountedAllocator#raw()} opts
 * out.
 */
public final class Allocators {

  private Allocators() {}

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
    return accounted(SystemAllocator.withHugePages());
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
