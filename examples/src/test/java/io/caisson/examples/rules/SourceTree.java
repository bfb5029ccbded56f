package io.caisson.examples.rules;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The classes and test methods that the sources of all modules have, by their names. */
final class SourceTree {

  private static final String SUFFIX = ".java";

  private final Path root;
  private final Map<String, List<Path>> published = new HashMap<>();
  private final Map<String, List<Path>> all = new HashMap<>();

  /** Reads the names of the files below a checkout. */
  SourceTree(Path root) throws IOException {
    this.root = root;
    try (Stream<Path> modules = Files.list(root)) {
      for (Path module : modules.toList()) {
        collect(module.resolve("src/main/java"), published);
        collect(module.resolve("src/main/java"), all);
        collect(module.resolve("src/test/java"), all);
      }
    }
  }

  private static void collect(Path directory, Map<String, List<Path>> classes) throws IOException {
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(path -> path.toString().endsWith(SUFFIX)).toList()) {
        String fileName = file.getFileName().toString();
        String name = fileName.substring(0, fileName.length() - SUFFIX.length());
        classes.computeIfAbsent(name, key -> new ArrayList<>()).add(file);
      }
    }
  }

  /** Says whether there is such a top-level class, and not only a test. */
  boolean hasClass(String name) {
    return published.containsKey(name);
  }

  /** Says whether there is such a file or directory, by its path from the root. */
  boolean hasFile(String path) {
    return Files.exists(root.resolve(path));
  }

  /** Says whether there is such a class, or, if the name is {@code Class#method}, such a test. */
  boolean hasTest(String name) {
    int hash = name.indexOf('#');
    if (hash < 0) {
      return all.containsKey(name);
    }
    Pattern method = Pattern.compile("\\bvoid " + Pattern.quote(name.substring(hash + 1)) + "\\(");
    return all.getOrDefault(name.substring(0, hash), List.of()).stream()
        .anyMatch(file -> method.matcher(textOf(file)).find());
  }

  private static String textOf(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
