package io.caisson.alloc;

import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Knows in checked memory mode which tag each block has, so that a free under another one is found.
 *
 * <p>Thread-safe.
 */
final class TagBook {

  private final ConcurrentHashMap<Long, Tag> tags = new ConcurrentHashMap<>();

  void enter(long address, Tag tag) {
    tags.put(address, tag);
  }

  /**
   * Forgets a block that is about to be freed or moved; first, for its address may be handed out
   * again.
   *
   * @return whether it was known
   * @throws CheckedMemoryException if it has another tag
   */
  boolean strikeOff(String operation, long address, Tag tag) {
    require(operation, address, tag);
    return tags.remove(address, tag);
  }

  void require(String operation, long address, Tag tag) {
    @Nullable Tag known = tags.get(address);
    if (known != null && known != tag) {
      throw new CheckedMemoryException(
          operation
              + " of 0x"
              + Long.toHexString(address)
              + " under tag '"
              + tag
              + "'; it was allocated under '"
              + known
              + "'",
          null,
          null);
    }
  }
}
