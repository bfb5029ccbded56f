package io.caisson.alloc;

import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The blocks that a guard holds back after they were freed: first in, first out, with their bytes.
 *
 * <p>Thread-safe.
 */
final class HeldBlocks {

  private record Held(BlockBook.Entry entry, long byteSize) {}

  private final ArrayDeque<Held> queue = new ArrayDeque<>();
  private long heldBytes;

  synchronized void add(BlockBook.Entry entry, long byteSize) {
    queue.add(new Held(entry, byteSize));
    heldBytes += byteSize;
  }

  /** Removes the oldest block if more than some bytes are held, and returns it. */
  synchronized BlockBook.@Nullable Entry pollAbove(long byteSize) {
    if (heldBytes <= byteSize || queue.isEmpty()) {
      return null;
    }
    Held oldest = queue.remove();
    heldBytes -= oldest.byteSize;
    return oldest.entry;
  }

  synchronized long heldBytes() {
    return heldBytes;
  }

  synchronized List<BlockBook.Entry> snapshot() {
    return queue.stream().map(Held::entry).toList();
  }
}
