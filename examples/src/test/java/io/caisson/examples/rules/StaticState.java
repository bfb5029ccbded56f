package io.caisson.examples.rules;

import java.lang.classfile.ClassModel;
import java.lang.classfile.FieldModel;
import java.lang.constant.ClassDesc;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Finds static state that can change: a global allocator, for one. */
final class StaticState {

  private static final String INTERNAL = "io.caisson.alloc.internal.";

  /** The static state that there is, and why. */
  static final Map<String, String> ALLOWED =
      Map.ofEntries(
          Map.entry("io.caisson.alloc.Allocators.FALLBACK_LOGGED", "a fallback is logged once"),
          Map.entry("io.caisson.alloc.BlockBook.BOOKS", "guards: which of them a block is from"),
          Map.entry("io.caisson.alloc.BlockBook.IDS", "guards: their numbers"),
          Map.entry("io.caisson.alloc.LeakSuppressions.NONE", "it never changes"),
          Map.entry(INTERNAL + "MimallocLibrary.FUNCTIONS", "an unmodifiable list"),
          Map.entry(INTERNAL + "Memory.ALL", "the address space of the process is one"),
          Map.entry(INTERNAL + "Memory$Root.ALL", "the same, where it is made"),
          Map.entry(INTERNAL + "Memory$Root.DENIED", "written once, when the class is initialised"),
          Map.entry(INTERNAL + "BlockMap.BLOCKS", "checked mode: the book of the address space"),
          Map.entry(INTERNAL + "BlockMap.RECENT", "checked mode: its cache"),
          Map.entry(INTERNAL + "BlockMap.GRAVES", "checked mode: its tombstones"),
          Map.entry(INTERNAL + "BlockMap.GRAVE_COUNT", "checked mode: their number"),
          Map.entry(INTERNAL + "LentMemory.ranges", "checked mode: segments of users"),
          Map.entry(INTERNAL + "LentMemory.recent", "checked mode: their cache"),
          Map.entry(INTERNAL + "MetadataMemory.REGIONS", "checked mode: regions of allocators"),
          Map.entry(INTERNAL + "SimulatedMemory.PERMANENT", "simulated mode: constants"),
          Map.entry(INTERNAL + "SimulatedMemory.world", "simulated mode: the address space"),
          Map.entry(INTERNAL + "Quarantine.HELD", "checked mode: what is freed and held back"),
          Map.entry(INTERNAL + "Quarantine.heldBytes", "checked mode: its size"));

  /** Types whose instances never change, though their fields do not prove it. */
  private static final Pattern IMMUTABLE =
      Pattern.compile(
          "java/lang/(String|Class|Integer|Long|Double|Byte|Short|Boolean|Character)"
              + "|java/lang/invoke/(VarHandle|MethodHandle)"
              + "|java/lang/foreign/([A-Za-z]+Layout(\\$[A-Za-z]+)?|FunctionDescriptor)"
              + "|java/lang/foreign/(Linker|Linker\\$Option|SymbolLookup)"
              + "|java/nio/(ByteOrder|charset/Charset)"
              + "|java/time/Duration"
              + "|java/util/regex/Pattern"
              + "|java/lang/System\\$Logger"
              + "|io/caisson/alloc/internal/Setting"); // its list is unmodifiable

  private final CompiledClasses classes;
  private final Set<String> allowancesUsed = new TreeSet<>();

  StaticState(CompiledClasses classes) {
    this.classes = classes;
  }

  /** Returns a line for every static field that can change or holds what can. */
  List<String> violations() {
    List<String> violations = new ArrayList<>();
    for (ClassModel type : classes.all()) {
      for (FieldModel field : type.fields()) {
        if (isMutable(field)) {
          String name =
              type.thisClass().asInternalName().replace('/', '.') + "." + field.fieldName();
          if (ALLOWED.containsKey(name)) {
            allowancesUsed.add(name);
          } else {
            violations.add(
                name + ": static state of type " + field.fieldTypeSymbol().displayName());
          }
        }
      }
    }
    return violations;
  }

  /** Returns the allowances that nothing needs. */
  List<String> staleAllowances() {
    violations();
    return ALLOWED.keySet().stream().filter(name -> !allowancesUsed.contains(name)).toList();
  }

  private boolean isMutable(FieldModel field) {
    if (!field.flags().has(AccessFlag.STATIC) || field.flags().has(AccessFlag.SYNTHETIC)) {
      return false;
    }
    return !field.flags().has(AccessFlag.FINAL) || !isImmutable(field.fieldTypeSymbol());
  }

  private boolean isImmutable(ClassDesc type) {
    if (type.isPrimitive()) {
      return true;
    }
    if (type.isArray()) {
      return false;
    }
    String name = type.descriptorString().substring(1, type.descriptorString().length() - 1);
    return IMMUTABLE.matcher(name).matches() || isImmutable(classes.find(name));
  }

  /** Says whether a type of ours has final fields only, which hold primitives and the immutable. */
  private boolean isImmutable(ClassModel type) {
    return type != null
        && !type.flags().has(AccessFlag.INTERFACE)
        && type.fields().stream()
            .filter(field -> !field.flags().has(AccessFlag.STATIC))
            .allMatch(field ->
                field.flags().has(AccessFlag.FINAL) && isImmutable(field.fieldTypeSymbol()));
  }
}
