package io.caisson.alloc;

import java.util.List;

/**
 * The blocks that a {@link LeakDetectingAllocator} found not freed.
 *
 * <p>Immutable.
 *
 * @param allocator the name of the allocator they are from
 * @param level how closely it looks
 * @param sampling it looks at one block in so many
 * @param sites the blocks by where they were allocated, most bytes first
 * @param suppressed how many blocks were left out for the suppressions
 * @param untracked how many blocks were ever left out because the book was full
 */
public record LeakReport(
    String allocator,
    LeakLevel level,
    long sampling,
    List<Site> sites,
    long suppressed,
    long untracked) {

  /**
   * The blocks allocated at one place, or without stacks, those of one size.
   *
   * @param count how many blocks
   * @param byteSize their bytes together
   * @param first one of them
   */
  public record Site(long count, long byteSize, Leak first) {}

  /**
   * Creates a report.
   *
   * @param allocator the name of the allocator they are from
   * @param level how closely it looks
   * @param sampling it looks at one block in so many
   * @param sites the blocks by where they were allocated, most bytes first
   * @param suppressed how many blocks were left out for the suppressions
   * @param untracked how many blocks were ever left out because the book was full
   */
  public LeakReport {
    sites = List.copyOf(sites);
  }

  /**
   * Says whether nothing leaked.
   *
   * @return whether there are no sites
   */
  public boolean isEmpty() {
    return sites.isEmpty();
  }

  /**
   * Returns how many blocks leaked.
   *
   * @return the blocks of all sites
   */
  public long count() {
    return sites.stream().mapToLong(Site::count).sum();
  }

  /**
   * Returns how many bytes leaked.
   *
   * @return the bytes of all sites
   */
  public long byteSize() {
    return sites.stream().mapToLong(Site::byteSize).sum();
  }

  /**
   * Returns the report as text.
   *
   * @return a line for the whole, and for each site a line and its stack
   */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(256);
    text.append("allocator '").append(allocator).append("' leaked ");
    text.append(quantity(count(), byteSize())).append(" (level ").append(level);
    if (sampling > 1) {
      text.append(", one block in ").append(sampling);
    }
    if (suppressed > 0) {
      text.append(", ").append(suppressed).append(" suppressed");
    }
    if (untracked > 0) {
      text.append(", ").append(untracked).append(" never tracked");
    }
    text.append(')');
    sites.forEach(site -> append(text, site));
    return text.toString();
  }

  private static void append(StringBuilder text, Site site) {
    text.append("\n  ").append(quantity(site.count, site.byteSize)).append(", one at 0x");
    text.append(Long.toHexString(site.first.address()));
    Throwable allocation = site.first.allocation();
    if (allocation != null) {
      text.append(", ").append(allocation.getMessage());
      for (StackTraceElement frame : allocation.getStackTrace()) {
        text.append("\n    at ").append(frame);
      }
    }
  }

  private static String quantity(long count, long byteSize) {
    return count + (count == 1 ? " block of " : " blocks of ") + byteSize + " bytes";
  }
}
