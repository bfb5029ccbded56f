package io.caisson.examples.index;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.HashSet;
import java.util.Set;

/**
 * What went wrong, one line each on the error stream; what comes up again is said once.
 * Thread-safe.
 */
final class Problems {

  private final PrintStream err;
  private final Progress progress;
  private final Set<String> reported = new HashSet<>();

  Problems(PrintStream err, Progress progress) {
    this.err = err;
    this.progress = progress;
  }

  /** Problems that nobody hears of, because another process reports the same. */
  static Problems unheard() {
    return new Problems(new PrintStream(PrintStream.nullOutputStream()), Progress.none());
  }

  void unreadable(String file, IOException why) {
    report("cannot read " + file + ": " + reason(why));
  }

  void notReadable(String file, String why) {
    report("cannot read " + file + ": " + why);
  }

  void malformedClassFile(String file) {
    report(file + ": truncated or malformed class file, counted as plain tokens");
  }

  /** Reports whatever else; the message becomes one line. */
  synchronized void report(String message) {
    String line = "caisson index: " + Printable.of(message);
    if (reported.add(line)) {
      progress.erase();
      err.println(line);
      err.flush();
    }
  }

  synchronized boolean any() {
    return !reported.isEmpty();
  }

  private static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> "no such file or directory";
      case AccessDeniedException _ -> "permission denied";
      case FileSystemException f when f.getReason() != null -> f.getReason();
      default -> String.valueOf(e.getMessage());
    };
  }
}
