package io.caisson.collections;

/**
 * The sizes of a concurrent table's memory, all powers of two: a test makes them tiny.
 *
 * @param cellByteSize the bytes of a cell
 * @param bankCells the most cells of a bank
 * @param leastCells the cells of the smallest generation, at most those of a bank
 */
record TableShape(int cellByteSize, int bankCells, int leastCells) {

  /** What a bank takes: little beside any limit of a domain, much beside what it costs to find. */
  private static final int BANK_SIZE = 64 << 10;

  /** What the smallest generation takes. */
  private static final int LEAST_SIZE = 256;

  TableShape {
    if (Integer.bitCount(cellByteSize) != 1
        || Integer.bitCount(bankCells) != 1
        || Integer.bitCount(leastCells) != 1
        || leastCells > bankCells) {
      throw new IllegalArgumentException(
          cellByteSize + ", " + bankCells + ", " + leastCells + "; expected powers of two");
    }
  }

  /** Returns the shape of a table for use. */
  static TableShape ofCells(int cellByteSize) {
    return new TableShape(cellByteSize, BANK_SIZE / cellByteSize, LEAST_SIZE / cellByteSize);
  }

  /** Returns the least power of two of cells, for a generation, that is not below a number. */
  long capacityOf(long cells) {
    return Math.max(leastCells, Long.highestOneBit(Math.max(2 * cells - 1, 1)));
  }
}
