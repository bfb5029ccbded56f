package io.caisson.collections;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** What a component of a record is in memory. */
enum FieldKind {
  BOOLEAN(boolean.class),
  BYTE(byte.class),
  SHORT(short.class),
  CHAR(char.class),
  INT(int.class),
  LONG(long.class),
  FLOAT(float.class),
  DOUBLE(double.class),
  /** UTF-8 of a fixed size, zeros after its end. */
  TEXT(String.class),
  /** Bytes of a fixed number. */
  BYTES(byte[].class),
  /** Another record. */
  RECORD(Object.class);

  /** The type of a component, as generated code sees it. */
  final Class<?> type;

  FieldKind(Class<?> type) {
    this.type = type;
  }

  /** Returns what a type is, or null if no codec has it. */
  static @Nullable FieldKind of(Class<?> type) {
    if (type.isRecord()) {
      return RECORD;
    }
    for (FieldKind kind : values()) {
      if (kind.type == type && kind != RECORD) {
        return kind;
      }
    }
    return null;
  }

  /** Says whether components of this kind must say how long they are. */
  boolean needsLength() {
    return this == TEXT || this == BYTES;
  }

  /** Returns the layout of a component that is no record. */
  MemoryLayout layout(int length) {
    return switch (this) {
      case BOOLEAN -> ValueLayout.JAVA_BOOLEAN;
      case BYTE -> ValueLayout.JAVA_BYTE;
      case SHORT -> ValueLayout.JAVA_SHORT;
      case CHAR -> ValueLayout.JAVA_CHAR;
      case INT -> ValueLayout.JAVA_INT;
      case LONG -> ValueLayout.JAVA_LONG;
      case FLOAT -> ValueLayout.JAVA_FLOAT;
      case DOUBLE -> ValueLayout.JAVA_DOUBLE;
      case TEXT, BYTES -> MemoryLayout.sequenceLayout(length, ValueLayout.JAVA_BYTE);
      case RECORD -> throw new AssertionError("a record has a shape");
    };
  }
}
