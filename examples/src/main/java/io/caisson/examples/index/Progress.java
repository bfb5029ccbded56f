package io.caisson.examples.index;

import java.io.PrintStream;
import java.util.Locale;

/**
 * One line on a terminal that says how far the work is, and leaves no trace. Thread-safe, save that
 * a part belongs to one thread.
 */
class Progress {

  private static final long INTERVAL_NANOS = 100_000_000;
  private static final String ERASE_LINE = "\r\033[K";

  private final PrintStream terminal;
  private final boolean shown;
  private String stage = "";
  private boolean onScreen;
  private long nextAt = System.nanoTime();

  /** What the parts did in this stage. */
  private long files;

  private long strings;

  /** What a thread of several does. */
  private static final class Part extends Progress {
    private final Progress whole;
    private long files;
    private long strings;

    Part(Progress whole) {
      super(whole.terminal, whole.shown);
      this.whole = whole;
    }

    @Override
    synchronized void update(long files, long strings) {
      boolean startsAgain = files < this.files;
      whole.add(
          startsAgain ? files : files - this.files, startsAgain ? strings : strings - this.strings);
      this.files = files;
      this.strings = strings;
    }
  }

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
  synchronized void stage(String name) {
    stage = name;
    files = 0;
    strings = 0;
    if (shown) {
      print("");
    }
  }

  /** Returns what one of several threads says how far it is. */
  Progress part() {
    return new Part(this);
  }

  private synchronized void add(long files, long strings) {
    this.files += files;
    this.strings += strings;
    update(this.files, this.strings);
  }

  /** Says how far it is; costs next to nothing when called often. */
  synchronized void update(long files, long strings) {
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
  synchronized void erase() {
    if (onScreen) {
      terminal.print(ERASE_LINE);
      terminal.flush();
      onScreen = false;
    }
  }
}
