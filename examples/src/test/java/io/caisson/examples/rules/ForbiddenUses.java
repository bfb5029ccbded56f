package io.caisson.examples.rules;

import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Finds uses of what would break the library's promises, by the constant pools. */
final class ForbiddenUses {

  private static final String INTERNAL = "io/caisson/alloc/internal/";

  /**
   * Something that is not used, or by few classes only.
   *
   * @param use matches a class name or a string, or, if it has a {@code #}, owner and member
   * @param why what it would break
   * @param allowed the top-level classes that may
   */
  private record Ban(Pattern use, String why, Set<String> allowed) {
    Ban(String use, String why, String... allowed) {
      this(Pattern.compile(use), why, Set.of(allowed));
    }
  }

  private static final List<Ban> BANS =
      List.of(
          new Ban(".*\\bsun[./]misc[./]Unsafe\\b.*", "java.lang.foreign is enough"),
          new Ban(".*\\bjdk[./]internal[./].*", "not ours to use"),
          new Ban(
              ".*\\bjava[./]lang[./](Inheritable)?ThreadLocal\\b.*",
              "there is one for each virtual thread"),
          new Ban(
              "java/lang/foreign/Arena#(of.*|global)",
              "memory comes from an allocator",
              INTERNAL + "Downcalls",
              INTERNAL + "Memory"),
          new Ban("java/nio/ByteBuffer#allocateDirect", "memory comes from an allocator"),
          new Ban(
              "java/lang/foreign/MemorySegment#reinterpret",
              "raw memory is behind one door",
              INTERNAL + "Memory"),
          new Ban(
              "java/lang/foreign/Linker#.*", "downcalls are in one class", INTERNAL + "Downcalls"),
          new Ban(
              "java/lang/foreign/Linker\\$Option#.*",
              "downcalls are for the internals",
              INTERNAL + "Downcalls",
              INTERNAL + "Libc",
              INTERNAL + "Mimalloc"),
          new Ban(
              "java/lang/foreign/SymbolLookup#(?!find$).*",
              "libraries are loaded in one class",
              INTERNAL + "Downcalls"),
          new Ban("java/lang/(System|Runtime)#load(Library)?", "there is no native code of ours"));

  private ForbiddenUses() {}

  /** Returns a line for every forbidden use in some classes. */
  static List<String> in(Iterable<ClassModel> classes) {
    Set<String> violations = new TreeSet<>();
    for (ClassModel type : classes) {
      String name = type.thisClass().asInternalName();
      for (PoolEntry entry : type.constantPool()) {
        String use = useOf(entry);
        for (Ban ban : BANS) {
          if (ban.use.matcher(use).matches() && !ban.allowed.contains(topLevel(name))) {
            violations.add(name.replace('/', '.') + ": uses " + use + "; " + ban.why);
          }
        }
      }
    }
    return List.copyOf(violations);
  }

  private static String useOf(PoolEntry entry) {
    return switch (entry) {
      case Utf8Entry text -> text.stringValue();
      case MemberRefEntry member -> member.owner().asInternalName() + "#" + member.name();
      default -> "";
    };
  }

  private static String topLevel(String internalName) {
    int nested = internalName.indexOf('$');
    return nested < 0 ? internalName : internalName.substring(0, nested);
  }
}
