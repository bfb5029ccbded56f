package io.caisson.collections;

/**
 * What an intern table holds.
 *
 * @param entries how many different byte strings
 * @param references how many references to them are out
 * @param keptBytes how many bytes they have together
 * @param referencedBytes how many bytes there would be if each reference had a copy
 */
public record InternStats(long entries, long references, long keptBytes, long referencedBytes) {

  /**
   * Returns how many times over each byte kept is used.
   *
   * @return the bytes referenced over the bytes kept; 1 if there are none
   */
  public double dedupRatio() {
    return keptBytes == 0 ? 1 : (double) referencedBytes / keptBytes;
  }

  /** Adds what another table, or part of one, holds. */
  InternStats plus(InternStats other) {
    return new InternStats(
        entries + other.entries,
        references + other.references,
        keptBytes + other.keptBytes,
        referencedBytes + other.referencedBytes);
  }
}
