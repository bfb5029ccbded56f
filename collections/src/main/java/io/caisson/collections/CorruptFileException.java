package io.caisson.collections;

/**
 * Thrown when a file is not one that a collection of the kind asked for has saved, or no longer: it
 * is cut off, was altered, or is of another kind, version or byte order.
 */
public final class CorruptFileException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message what is wrong with the file, and what was expected
   */
  public CorruptFileException(String message) {
    super(message);
  }
}
