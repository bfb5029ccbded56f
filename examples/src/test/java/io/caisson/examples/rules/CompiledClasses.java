package io.caisson.examples.rules;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.ModuleAttribute;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.reflect.AccessFlag;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Class files, by internal name, with what the rules ask about types. */
final class CompiledClasses {

  private final Map<String, ClassModel> classes = new TreeMap<>();
  private final Set<String> modules = new TreeSet<>();
  private final Set<String> exportedPackages = new TreeSet<>();

  private CompiledClasses() {}

  /** Reads every module of ours on the class path, be it a directory or a jar. */
  static CompiledClasses published() throws IOException {
    CompiledClasses found = new CompiledClasses();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path path = Path.of(entry);
      if (Files.isDirectory(path)) {
        found.addModule(path);
      } else if (entry.endsWith(".jar")) {
        try (FileSystem jar = FileSystems.newFileSystem(path)) {
          found.addModule(jar.getPath("/"));
        }
      }
    }
    return found;
  }

  /** Reads broken classes, whose packages count as exported, beside these. */
  CompiledClasses with(Class<?>... added) throws IOException {
    CompiledClasses both = new CompiledClasses();
    both.classes.putAll(classes);
    both.exportedPackages.addAll(exportedPackages);
    for (Class<?> type : added) {
      String resource = "/" + type.getName().replace('.', '/') + ".class";
      try (var stream = CompiledClasses.class.getResourceAsStream(resource)) {
        both.add(stream.readAllBytes());
      }
      both.exportedPackages.add(type.getPackageName().replace('.', '/'));
    }
    return both;
  }

  private void addModule(Path root) throws IOException {
    Path descriptor = root.resolve("module-info.class");
    if (!Files.exists(descriptor)) {
      return;
    }
    ModuleAttribute module =
        ClassFile.of()
            .parse(Files.readAllBytes(descriptor))
            .findAttribute(Attributes.module())
            .orElseThrow();
    if (!module.moduleName().name().stringValue().startsWith("io.caisson.")) {
      return;
    }
    modules.add(module.moduleName().name().stringValue());
    module.exports().stream()
        .filter(export -> export.exportsTo().isEmpty())
        .forEach(export -> exportedPackages.add(export.exportedPackage().name().stringValue()));
    try (Stream<Path> files = Files.walk(root)) {
      files
          .filter(file -> file.toString().endsWith(".class") && !file.equals(descriptor))
          .forEach(this::add);
    }
  }

  private void add(Path file) {
    try {
      add(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void add(byte[] bytes) {
    ClassModel model = ClassFile.of().parse(bytes);
    classes.put(model.thisClass().asInternalName(), model);
  }

  Set<String> modules() {
    return modules;
  }

  Set<String> exportedPackages() {
    return exportedPackages;
  }

  Collection<ClassModel> all() {
    return classes.values();
  }

  /** Returns the types that users can name. */
  List<ClassModel> api() {
    return classes.values().stream().filter(this::isApi).toList();
  }

  private boolean isApi(ClassModel type) {
    String name = type.thisClass().asInternalName();
    if (!exportedPackages.contains(name.substring(0, name.lastIndexOf('/')))) {
      return false;
    }
    for (int end = name.length(); end > 0; end = name.lastIndexOf('$', end - 1)) {
      ClassModel enclosing = classes.get(name.substring(0, end));
      if (enclosing != null && !enclosing.flags().has(AccessFlag.PUBLIC)) {
        return false;
      }
    }
    return true;
  }

  /** Returns the methods and constructors of a type that users can call. */
  static List<MethodModel> callable(ClassModel type) {
    return type.methods().stream()
        .filter(method -> !method.flags().has(AccessFlag.SYNTHETIC))
        .filter(method ->
            method.flags().has(AccessFlag.PUBLIC) || method.flags().has(AccessFlag.PROTECTED))
        .toList();
  }

  ClassModel find(String internalName) {
    return classes.get(internalName);
  }

  boolean isOurs(String internalName) {
    return classes.containsKey(internalName);
  }

  /** Returns a type and all that it extends or implements, as far as they are ours. */
  List<ClassModel> withSupertypes(String internalName) {
    List<ClassModel> found = new ArrayList<>();
    ClassModel type = classes.get(internalName);
    if (type != null) {
      found.add(type);
      for (String parent : parents(type)) {
        found.addAll(withSupertypes(parent));
      }
    }
    return found;
  }

  private static List<String> parents(ClassModel type) {
    List<String> parents = new ArrayList<>();
    type.superclass().map(ClassEntry::asInternalName).ifPresent(parents::add);
    type.interfaces().forEach(parent -> parents.add(parent.asInternalName()));
    return parents;
  }

  /** Says whether a type is another, ours or not. */
  boolean isSubtype(String internalName, String ancestor) {
    return internalName.equals(ancestor)
        || withSupertypes(internalName).stream()
            .anyMatch(type ->
                type.thisClass().asInternalName().equals(ancestor)
                    || parents(type).contains(ancestor));
  }
}
