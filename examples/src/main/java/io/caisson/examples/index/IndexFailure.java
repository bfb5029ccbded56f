package io.caisson.examples.index;

/** Ends the program with a message of one line. */
final class IndexFailure extends RuntimeException {

  private static final long serialVersionUID = 1L;

  IndexFailure(String message) {
    super(message);
  }
}
