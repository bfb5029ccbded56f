package io.caisson.examples.rules;

import java.lang.classfile.Annotation;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.RuntimeInvisibleParameterAnnotationsAttribute;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Holds the public API to its ownership annotations.
 *
 * <p>A method has the annotations that it carries and those of the methods that it overrides.
 */
final class OwnershipRules {

  /** The annotations. */
  enum Ownership {
    OWNED,
    BORROWED,
    VIEW;

    private final String annotation =
        name().charAt(0) + name().substring(1).toLowerCase(Locale.ROOT);
  }

  private static final Pattern ADDRESS =
      Pattern.compile("(.*Address|address(Of.*)?|((re)?allocate|promote)([A-Z].*)?)");

  private static final String SEGMENT = "java/lang/foreign/MemorySegment";
  private static final String CLOSEABLE = "java/lang/AutoCloseable";
  private static final String SHARED = "io/caisson/alloc/RefCounted";

  private final CompiledClasses classes;

  OwnershipRules(CompiledClasses classes) {
    this.classes = classes;
  }

  // ---- rules ----------------------------------------------------------------------------------

  /** Finds methods that return what has an owner, and do not say who it is. */
  List<String> unmarkedResults() {
    List<String> violations = new ArrayList<>();
    forEachMethod((type, method) -> {
      ClassDesc result = method.methodTypeSymbol().returnType();
      Set<Ownership> marks = marks(type, method);
      if (hasOwner(result) || isAddress(method)) {
        if (marks.size() != 1) {
          violations.add(describe(type, method) + ": returns " + what(result) + saying(marks));
        }
      } else if (marks.size() > 1) {
        violations.add(describe(type, method) + ": returns" + saying(marks));
      }
    });
    return violations;
  }

  /** Finds parameters that take what has an owner, and do not say who it is afterwards. */
  List<String> unmarkedParameters() {
    List<String> violations = new ArrayList<>();
    forEachMethod((type, method) -> {
      List<ClassDesc> parameters = method.methodTypeSymbol().parameterList();
      for (int i = 0; i < parameters.size(); i++) {
        Set<Ownership> marks = marks(type, method, i);
        if (hasOwner(parameters.get(i)) ? marks.size() != 1 : marks.size() > 1) {
          violations.add(
              describe(type, method)
                  + ": takes "
                  + what(parameters.get(i))
                  + " as parameter "
                  + (i + 1)
                  + saying(marks));
        }
      }
    });
    return violations;
  }

  /** Finds views that are handed out as if they had to be freed. */
  List<String> ownedViews() {
    List<String> violations = new ArrayList<>();
    forEachMethod((type, method) -> {
      if (isView(method.methodTypeSymbol().returnType())
          && marks(type, method).contains(Ownership.OWNED)) {
        violations.add(describe(type, method) + ": returns a view as @Owned");
      }
    });
    return violations;
  }

  /**
   * Finds methods whose caller owns what they return, and has no way to free it: neither by the
   * result, nor by the type that has the method, nor by a parameter.
   */
  List<String> unfreeableResults() {
    List<String> violations = new ArrayList<>();
    forEachMethod((type, method) -> {
      if (!marks(type, method).contains(Ownership.OWNED)) {
        return;
      }
      List<ClassDesc> candidates = new ArrayList<>(method.methodTypeSymbol().parameterList());
      candidates.add(method.methodTypeSymbol().returnType());
      candidates.add(type.thisClass().asSymbol());
      if (candidates.stream().noneMatch(this::canFree)) {
        violations.add(describe(type, method) + ": returns what nothing here frees or closes");
      }
    });
    return violations;
  }

  // ---- types ----------------------------------------------------------------------------------

  private boolean hasOwner(ClassDesc type) {
    if (!type.isClassOrInterface()) {
      return false;
    }
    String name = internalName(type);
    return name.equals(SEGMENT)
        || name.equals(CLOSEABLE)
        || name.equals(SHARED)
        || isView(type)
        || (classes.isOurs(name) && classes.isSubtype(name, CLOSEABLE));
  }

  private boolean isView(ClassDesc type) {
    ClassModel model = type.isClassOrInterface() ? classes.find(internalName(type)) : null;
    return model != null
        && model
            .findAttribute(Attributes.runtimeInvisibleAnnotations())
            .map(attribute -> ownership(attribute.annotations()))
            .orElse(Set.of())
            .contains(Ownership.VIEW);
  }

  private boolean canFree(ClassDesc type) {
    if (!type.isClassOrInterface()) {
      return false;
    }
    String name = internalName(type);
    return classes.isSubtype(name, CLOSEABLE)
        || classes.withSupertypes(name).stream()
            .flatMap(model -> CompiledClasses.callable(model).stream())
            .anyMatch(method ->
                Set.of("free", "close", "release").contains(method.methodName().stringValue()));
  }

  private static boolean isAddress(MethodModel method) {
    return method.methodTypeSymbol().returnType().equals(ConstantDescs.CD_long)
        && ADDRESS.matcher(method.methodName().stringValue()).matches();
  }

  private static String internalName(ClassDesc type) {
    String descriptor = type.descriptorString();
    return descriptor.substring(1, descriptor.length() - 1);
  }

  // ---- annotations ----------------------------------------------------------------------------

  private Set<Ownership> marks(ClassModel type, MethodModel method) {
    Set<Ownership> marks = EnumSet.noneOf(Ownership.class);
    for (MethodModel declared : withOverridden(type, method)) {
      declared
          .findAttribute(Attributes.runtimeInvisibleAnnotations())
          .ifPresent(attribute -> marks.addAll(ownership(attribute.annotations())));
    }
    return marks;
  }

  private Set<Ownership> marks(ClassModel type, MethodModel method, int parameter) {
    Set<Ownership> marks = EnumSet.noneOf(Ownership.class);
    for (MethodModel declared : withOverridden(type, method)) {
      declared
          .findAttribute(Attributes.runtimeInvisibleParameterAnnotations())
          .map(RuntimeInvisibleParameterAnnotationsAttribute::parameterAnnotations)
          .map(annotated -> annotationsOf(declared, annotated, parameter))
          .ifPresent(annotations -> marks.addAll(ownership(annotations)));
    }
    return marks;
  }

  /** The parameters that the compiler adds come first, and have no place in the attribute. */
  private static List<Annotation> annotationsOf(
      MethodModel method, List<List<Annotation>> annotated, int parameter) {
    int added = method.methodTypeSymbol().parameterCount() - annotated.size();
    return parameter < added ? List.of() : annotated.get(parameter - added);
  }

  private List<MethodModel> withOverridden(ClassModel type, MethodModel method) {
    if (method.flags().has(AccessFlag.STATIC)
        || method.methodName().equalsString(ConstantDescs.INIT_NAME)) {
      return List.of(method);
    }
    return classes.withSupertypes(type.thisClass().asInternalName()).stream()
        .flatMap(model -> CompiledClasses.callable(model).stream())
        .filter(candidate ->
            candidate.methodName().equals(method.methodName())
                && candidate
                    .methodTypeSymbol()
                    .parameterList()
                    .equals(method.methodTypeSymbol().parameterList()))
        .toList();
  }

  private static Set<Ownership> ownership(List<Annotation> annotations) {
    Set<Ownership> found = EnumSet.noneOf(Ownership.class);
    for (Annotation annotation : annotations) {
      for (Ownership ownership : Ownership.values()) {
        if (isOf(annotation, ownership)) {
          found.add(ownership);
        }
      }
    }
    return found;
  }

  private static boolean isOf(Annotation annotation, Ownership ownership) {
    return annotation.className().equalsString("Lio/caisson/alloc/" + ownership.annotation + ";");
  }

  // ---- reports --------------------------------------------------------------------------------

  private interface MethodVisitor {
    void visit(ClassModel type, MethodModel method);
  }

  private void forEachMethod(MethodVisitor visitor) {
    for (ClassModel type : classes.api()) {
      for (MethodModel method : CompiledClasses.callable(type)) {
        visitor.visit(type, method);
      }
    }
  }

  private static String describe(ClassModel type, MethodModel method) {
    return type.thisClass().asInternalName().replace('/', '.')
        + "."
        + method.methodName()
        + method.methodTypeSymbol().parameterList().stream()
            .map(ClassDesc::displayName)
            .collect(Collectors.joining(", ", "(", ")"));
  }

  private static String what(ClassDesc type) {
    return type.equals(ConstantDescs.CD_long) ? "an address" : "a " + type.displayName();
  }

  private static String saying(Set<Ownership> marks) {
    String said =
        marks.isEmpty()
            ? "none"
            : marks.stream()
                .map(mark -> "@" + mark.annotation)
                .collect(Collectors.toCollection(TreeSet::new))
                .toString();
    return ", marked " + said + "; expected one of @Owned, @Borrowed, @View";
  }
}
