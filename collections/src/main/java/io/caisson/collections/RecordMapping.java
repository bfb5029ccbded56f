package io.caisson.collections;

/** Writes records of one class to memory and reads them; {@link MappingMaker} implements it. */
interface RecordMapping {
  /**
   * Writes a record, all its bytes, padding included; nothing if it throws.
   *
   * @throws IllegalArgumentException if a component does not fit
   */
  void write(Object record, long address);

  /** Reads a record. */
  Object read(long address);
}
