package io.caisson.collections;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the components of a record class lie in memory, and how they are reached.
 *
 * <p>They lie in the order of their declaration, each aligned to its size, as a C compiler would
 * lay out a struct; what pads them is part of the layout.
 *
 * @param constructor the canonical constructor; records among its parameters, and its result, are
 *     erased to Object
 */
record RecordShape(
    Class<?> type, StructLayout layout, MethodHandle constructor, List<Component> components) {

  /**
   * A component.
   *
   * @param byteOffset its offset in the record whose component it is
   * @param accessor reads it from an Object; a record is erased to Object
   * @param nested the shape of a component that is a record
   */
  record Component(
      String name,
      FieldKind kind,
      long byteOffset,
      int byteSize,
      MethodHandle accessor,
      @Nullable RecordShape nested) {}

  /** Looks at a record class, with what a lookup can reach. */
  static RecordShape of(MethodHandles.Lookup lookup, Class<?> type) {
    return new Reader(lookup).read(type);
  }

  /** Returns names, kinds and places of the components, the same in every JVM. */
  String description() {
    StringBuilder text = new StringBuilder();
    for (Component component : components) {
      text.append(component.name)
          .append(' ')
          .append(component.kind)
          .append(' ')
          .append(component.byteOffset)
          .append('+')
          .append(component.byteSize)
          .append(component.nested == null ? "" : "(" + component.nested.description() + ")")
          .append(';');
    }
    return text.toString();
  }

  /** Returns a component by its path; its offset is that in this record. */
  Component find(String path) {
    int dot = path.indexOf('.');
    String first = dot < 0 ? path : path.substring(0, dot);
    for (Component component : components) {
      if (component.name.equals(first)) {
        if (dot < 0) {
          return component;
        }
        if (component.nested != null) {
          Component found = component.nested.find(path.substring(dot + 1));
          return new Component(
              path,
              found.kind,
              component.byteOffset + found.byteOffset,
              found.byteSize,
              found.accessor,
              found.nested);
        }
      }
    }
    throw new IllegalArgumentException(
        "no component " + path + " in " + type.getName() + "; expected one of " + names());
  }

  private List<String> names() {
    return components.stream().map(Component::name).toList();
  }

  /** Reads shapes, of records and of the records in them. */
  private static final class Reader {
    private final MethodHandles.Lookup lookup;

    /** The records around the one that is read. */
    private final List<Class<?>> path = new ArrayList<>();

    Reader(MethodHandles.Lookup lookup) {
      this.lookup = lookup;
    }

    RecordShape read(Class<?> type) {
      RecordComponent[] declared = type.getRecordComponents();
      if (declared == null || declared.length == 0) {
        throw new IllegalArgumentException(
            type.getName() + "; expected a record with at least one component");
      }
      if (path.contains(type)) {
        throw new IllegalArgumentException(type.getName() + " contains itself");
      }
      path.add(type);
      List<Component> components = new ArrayList<>();
      List<MemoryLayout> members = new ArrayList<>();
      long end = 0;
      long alignment = 1;
      for (RecordComponent component : declared) {
        FieldKind kind = kind(component);
        RecordShape nested = kind == FieldKind.RECORD ? read(component.getType()) : null;
        MemoryLayout member = nested == null ? kind.layout(length(component, kind)) : nested.layout;
        long offset = align(end, member.byteAlignment());
        pad(members, offset - end);
        members.add(member.withName(component.getName()));
        components.add(
            new Component(
                component.getName(),
                kind,
                offset,
                Math.toIntExact(member.byteSize()),
                accessor(component, kind),
                nested));
        end = Math.addExact(offset, member.byteSize());
        alignment = Math.max(alignment, member.byteAlignment());
      }
      pad(members, align(end, alignment) - end);
      path.removeLast();
      StructLayout layout =
          MemoryLayout.structLayout(members.toArray(new MemoryLayout[0]))
              .withName(type.getSimpleName());
      return new RecordShape(type, layout, constructor(type, components), List.copyOf(components));
    }

    private static long align(long offset, long byteAlignment) {
      return (offset + byteAlignment - 1) & -byteAlignment;
    }

    private static void pad(List<MemoryLayout> members, long byteSize) {
      if (byteSize > 0) {
        members.add(MemoryLayout.paddingLayout(byteSize));
      }
    }

    private static FieldKind kind(RecordComponent component) {
      FieldKind kind = FieldKind.of(component.getType());
      if (kind == null) {
        throw new IllegalArgumentException(
            describe(component)
                + " is a "
                + component.getType().getTypeName()
                + "; expected a primitive, a record, or a @FixedLength String or byte[]");
      }
      return kind;
    }

    private static int length(RecordComponent component, FieldKind kind) {
      FixedLength length = component.getAnnotation(FixedLength.class);
      if (kind.needsLength() ? length == null || length.value() < 1 : length != null) {
        throw new IllegalArgumentException(
            describe(component)
                + (length == null ? " has no @FixedLength" : " has " + length)
                + (kind.needsLength() ? "; expected one of at least 1" : "; expected none"));
      }
      return length == null ? 0 : length.value();
    }

    private static String describe(RecordComponent component) {
      return component.getDeclaringRecord().getName() + "." + component.getName();
    }

    private MethodHandle constructor(Class<?> type, List<Component> components) {
      Class<?>[] declared =
          Arrays.stream(type.getRecordComponents())
              .map(RecordComponent::getType)
              .toArray(Class<?>[]::new);
      Class<?>[] erased =
          components.stream().map(component -> component.kind.type).toArray(Class<?>[]::new);
      try {
        return lookup
            .findConstructor(type, MethodType.methodType(void.class, declared))
            .asFixedArity()
            .asType(MethodType.methodType(Object.class, erased));
      } catch (ReflectiveOperationException e) {
        throw unreachable("the constructor of " + type.getName(), e);
      }
    }

    private MethodHandle accessor(RecordComponent component, FieldKind kind) {
      try {
        return lookup
            .unreflect(component.getAccessor())
            .asType(MethodType.methodType(kind.type, Object.class));
      } catch (IllegalAccessException e) {
        throw unreachable("the accessor of " + describe(component), e);
      }
    }

    private IllegalArgumentException unreachable(String what, ReflectiveOperationException e) {
      return new IllegalArgumentException(
          "cannot reach "
              + what
              + " with the lookup "
              + lookup
              + "; expected a MethodHandles.lookup() made in a class that may call it, such as the"
              + " one that declares the record",
          e);
    }
  }
}
