package io.caisson.examples.index;

import java.io.IOException;
import java.net.URI;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;

/**
 * Lists the files that arguments name: directories with all that is below them, in the order of
 * their names, whatever order the file system has.
 *
 * <p>Symbolic links are followed where an argument is one, and passed over below a directory.
 */
final class Inputs {

  private static final String CLASS_FILE = ".class";

  private final Problems problems;
  private final List<Path> files = new ArrayList<>();

  private Inputs(Problems problems) {
    this.problems = problems;
  }

  /**
   * Returns the files to read.
   *
   * @param arguments files and directories; none means every class of the running JDK
   * @param problems told of those that are not there
   */
  static List<Path> list(List<Path> arguments, Problems problems) {
    Inputs inputs = new Inputs(problems);
    if (arguments.isEmpty()) {
      inputs.walk(FileSystems.getFileSystem(URI.create("jrt:/")).getPath("/modules"));
      inputs.files.removeIf(file -> !file.toString().endsWith(CLASS_FILE));
    } else {
      arguments.forEach(inputs::add);
    }
    return inputs.files;
  }

  private void add(Path argument) {
    if (Files.isRegularFile(argument)) {
      files.add(argument);
    } else if (Files.isDirectory(argument)) {
      walk(argument);
    } else if (Files.exists(argument)) {
      problems.notReadable(argument.toString(), "neither a file nor a directory");
    } else {
      problems.unreadable(argument.toString(), whyMissing(argument));
    }
  }

  /** Tells a file that is not there from one that cannot be reached. */
  private static IOException whyMissing(Path argument) {
    try {
      argument.getFileSystem().provider().checkAccess(argument);
      return new NoSuchFileException(argument.toString());
    } catch (IOException e) {
      return e;
    }
  }

  /** Adds the files below a directory; depth costs no stack. */
  private void walk(Path directory) {
    Deque<Path> pending = new ArrayDeque<>();
    pending.push(directory);
    while (!pending.isEmpty()) {
      Path path = pending.pop();
      if (path == directory || Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
        children(path).reversed().forEach(pending::push);
      } else if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
        files.add(path);
      }
    }
  }

  private List<Path> children(Path directory) {
    List<Path> children = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      stream.forEach(children::add);
    } catch (DirectoryIteratorException e) {
      problems.notReadable(directory.toString(), String.valueOf(e.getMessage()));
    } catch (IOException e) {
      problems.unreadable(directory.toString(), e);
    }
    children.sort(Comparator.comparing(Path::toString));
    return children;
  }
}
