package io.caisson.collections;

/** What a file can hold; the numbers are part of the format and never change. */
enum StoredKind {
  LONG_VECTOR(1),
  INT_VECTOR(2),
  DOUBLE_VECTOR(3),
  STRUCT_VECTOR(4),
  LONG_LONG_TABLE(5),
  BYTES_LONG_TABLE(6),
  BYTES_TABLE(7),
  LONG_SET(8),
  BYTES_SET(9),
  RECORD_VECTOR(10),
  RECORD_TABLE(11);

  final int number;

  StoredKind(int number) {
    this.number = number;
  }
}
