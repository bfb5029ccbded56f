package io.caisson.examples.index;

import java.io.PrintStream;
import java.util.Locale;

/** One line on a terminal that says how far the work is, and leaves no trace. */
final class Progress {

  private static final long INTERVAL_NANOS = 100_000_000;
  private static final String ERASE_LINE = "\r\033[K";

  private final PrintStream terminal;
  private final boolean shown;
  private String stage = "";
  private boolean onScreen;
  private long nextAt = System.nanoTime();

  /**
   * Creates a progress line.
   *
   * @param shown whether there is a terminal to show it on
   */
  Progress(PrintStream terminal, boolean shown) {
    this.terminal = terminal;
    this.shown = shown;
  }

  /** A progress line that nobody sees. */
  static Progress none() {
    return new Progress(new PrintStream(PrintStream.nullOutputStream()), false);
  }

  /** Says what is being done from now on. */
  void stage(String name) {
    stage = name;
    if (shown) {
      print("");
    }
  }

  /** Says how far it is; costs next to nothing when called often. */
  void update(long files, long strings) {
    if (shown && System.nanoTime() - nextAt >= 0) {
      print(String.format(Locale.ROOT, ": %,d files, %,d strings", files, strings));
    }
  }

  private void print(String details) {
    terminal.print(ERASE_LINE + stage + details);
    terminal.flush();
    onScreen = true;
    nextAt = System.nanoTime() + INTERVAL_NANOS;
  }

  /** Takes the line off the screen. */
  void erase() {
    if (onScreen) {
      terminal.print(ERASE_LINE);
      terminal.flush();
      onScreen = false;
    }
  }
}
