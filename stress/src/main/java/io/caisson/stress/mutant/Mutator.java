package io.caisson.stress.mutant;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.nio.file.Files;
import java.nio.file.Path;

/** Breaks compiled classes. */
public final class Mutator {

  private Mutator() {}

  /**
   * Writes the broken class of a mutation into a directory that goes in front of a class path.
   *
   * @throws IllegalStateException if not exactly one place was changed, or the class is not a valid
   *     one any more: the code is no longer what the mutation was written for
   */
  public static void write(Mutation mutation, Path directory) {
    String file = mutation.type().replace('.', '/') + ".class";
    byte[] broken;
    try {
      broken = mutate(mutation, read(file));
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException(describe(mutation) + "no valid class", e);
    }
    Path target = directory.resolve(file);
    try {
      Files.createDirectories(target.getParent());
      Files.write(target, broken);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] read(String file) {
    try (InputStream in = Mutator.class.getClassLoader().getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException("no " + file + " on the class path");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] mutate(Mutation mutation, byte[] original) {
    int[] changes = {0};
    Edit edit = mutation.edit().get();
    CodeTransform transform =
        (code, element) -> {
          if (edit.change(code, element)) {
            changes[0]++;
          }
        };
    ClassFile classFile = ClassFile.of();
    ClassModel model = classFile.parse(original);
    byte[] broken =
        classFile.transformClass(
            model,
            ClassTransform.transformingMethodBodies(
                method -> method.methodName().equalsString(mutation.method()), transform));
    require(mutation, changes[0] == 1, changes[0] + " places changed; expected 1");
    var errors = classFile.verify(broken);
    require(mutation, errors.isEmpty(), "no valid class: " + errors);
    return broken;
  }

  private static void require(Mutation mutation, boolean right, String what) {
    if (!right) {
      throw new IllegalStateException(describe(mutation) + what);
    }
  }

  private static String describe(Mutation mutation) {
    return "mutation "
        + mutation.name()
        + " of "
        + mutation.type()
        + "."
        + mutation.method()
        + ": ";
  }
}
