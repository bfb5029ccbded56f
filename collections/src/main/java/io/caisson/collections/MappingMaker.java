package io.caisson.collections;

import io.caisson.collections.RecordShape.Component;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DynamicConstantDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** Generates the class that maps one record class to memory. */
final class MappingMaker {

  /*
   * Purpose. Code as a programmer would write it by hand, one load or store at a constant offset for
   * each component, that the JIT can inline whole.
   *
   * Access. A class beside the user's record could not see Memory, and one of ours cannot see the
   * record. So the class is a hidden one in this package; constructors and accessors come as method
   * handles in its class data, with records erased to Object, and are loaded as dynamic constants,
   * which the JIT folds.
   *
   * Writing has two parts. The first asks every accessor and checks what it gave; the second stores
   * and cannot fail. So what fails has written nothing.
   */

  /** A component whose value was loaded into a local variable. */
  private record Loaded(Component component, long byteOffset, int local, int byteSizeLocal) {}

  private final RecordShape shape;
  private final List<MethodHandle> handles = new ArrayList<>();

  private MappingMaker(RecordShape shape) {
    this.shape = shape;
  }

  private static ClassDesc desc(Class<?> type) {
    return ClassDesc.ofDescriptor(type.descriptorString());
  }

  private static MethodTypeDesc desc(Class<?> result, Class<?>... parameters) {
    return MethodTypeDesc.ofDescriptor(
        MethodType.methodType(result, parameters).descriptorString());
  }

  static RecordMapping make(RecordShape shape) {
    MappingMaker maker = new MappingMaker(shape);
    ClassDesc name = ClassDesc.of(MappingMaker.class.getPackageName(), "Mapping");
    byte[] bytes = ClassFile.of().build(name, maker::define);
    try {
      MethodHandles.Lookup hidden =
          MethodHandles.lookup()
              .defineHiddenClassWithClassData(bytes, List.copyOf(maker.handles), true);
      return (RecordMapping) hidden.lookupClass().getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("the generated class cannot be used", e);
    }
  }

  private void define(ClassBuilder type) {
    type.withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SUPER | ClassFile.ACC_SYNTHETIC)
        .withInterfaceSymbols(desc(RecordMapping.class))
        .withMethodBody(
            ConstantDescs.INIT_NAME,
            ConstantDescs.MTD_void,
            0,
            code ->
                code.aload(0)
                    .invokespecial(
                        ConstantDescs.CD_Object, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void)
                    .return_())
        .withMethodBody(
            "write", desc(void.class, Object.class, long.class), ClassFile.ACC_PUBLIC, this::write)
        .withMethodBody("read", desc(Object.class, long.class), ClassFile.ACC_PUBLIC, this::read);
  }

  // ---- writing ----------------------------------------------------------------------------------

  private void write(CodeBuilder code) {
    int address = code.parameterSlot(1);
    List<Loaded> values = new ArrayList<>();
    load(code, shape, code.parameterSlot(0), "", 0, values);
    long end = 0;
    for (Loaded value : values) {
      zero(code, address, end, value.byteOffset);
      end = value.byteOffset + value.component.byteSize();
    }
    zero(code, address, end, shape.layout().byteSize());
    values.forEach(value -> store(code, address, value));
    code.return_();
  }

  private void load(
      CodeBuilder code, RecordShape of, int record, String path, long base, List<Loaded> values) {
    for (Component component : of.components()) {
      String name = path + component.name();
      long offset = base + component.byteOffset();
      int local = code.allocateLocal(kind(component));
      handle(code, component.accessor()).aload(record);
      invoke(code, component.accessor()).storeLocal(kind(component), local);
      if (!component.kind().type.isPrimitive()) {
        requireNonNull(code, local, name);
      }
      if (component.nested() == null) {
        int byteSizeLocal = check(code, component, local, name);
        values.add(new Loaded(component, offset, local, byteSizeLocal));
      } else {
        load(code, component.nested(), local, name + ".", offset, values);
      }
    }
  }

  private static void requireNonNull(CodeBuilder code, int local, String name) {
    code.aload(local)
        .ldc(name)
        .invokestatic(
            desc(Objects.class), "requireNonNull", desc(Object.class, Object.class, String.class))
        .pop();
  }

  /** Checks what has a fixed length; returns the local variable of the size of a text, else -1. */
  private static int check(CodeBuilder code, Component component, int local, String name) {
    if (component.kind() == FieldKind.BYTES) {
      code.aload(local)
          .loadConstant(component.byteSize())
          .ldc(name)
          .invokestatic(
              desc(FieldMemory.class),
              "requireLength",
              desc(void.class, byte[].class, int.class, String.class));
    }
    if (component.kind() != FieldKind.TEXT) {
      return -1;
    }
    int byteSize = code.allocateLocal(TypeKind.INT);
    code.aload(local)
        .loadConstant(component.byteSize())
        .ldc(name)
        .invokestatic(
            desc(FieldMemory.class),
            "textByteSize",
            desc(int.class, CharSequence.class, int.class, String.class))
        .istore(byteSize);
    return byteSize;
  }

  private static void store(CodeBuilder code, int address, Loaded value) {
    Component component = value.component;
    at(code, address, value.byteOffset).loadLocal(kind(component), value.local);
    MethodTypeDesc type = desc(void.class, long.class, component.kind().type);
    if (component.kind() == FieldKind.TEXT) {
      code.iload(value.byteSizeLocal).loadConstant(component.byteSize());
      type = desc(void.class, long.class, CharSequence.class, int.class, int.class);
    }
    code.invokestatic(desc(FieldMemory.class), put(component.kind()), type);
  }

  /**
   * Zeroes padding by one store, which ends with it and may begin before it: components are stored
   * later. Padding aligns what follows it to more than its size, so the store is in the record.
   */
  private static void zero(CodeBuilder code, int address, long from, long to) {
    if (from < to) {
      long gap = to - from;
      FieldKind word =
          gap > 4
              ? FieldKind.LONG
              : gap > 2 ? FieldKind.INT : gap > 1 ? FieldKind.SHORT : FieldKind.BYTE;
      at(code, address, to - word.layout(0).byteSize());
      (word == FieldKind.LONG ? code.lconst_0() : code.iconst_0())
          .invokestatic(
              desc(FieldMemory.class), put(word), desc(void.class, long.class, word.type));
    }
  }

  // ---- reading ----------------------------------------------------------------------------------

  private void read(CodeBuilder code) {
    construct(code, shape, 0);
    code.areturn();
  }

  private void construct(CodeBuilder code, RecordShape of, long base) {
    handle(code, of.constructor());
    for (Component component : of.components()) {
      long offset = base + component.byteOffset();
      if (component.nested() == null) {
        fetch(code, component, offset);
      } else {
        construct(code, component.nested(), offset);
      }
    }
    invoke(code, of.constructor());
  }

  private static void fetch(CodeBuilder code, Component component, long offset) {
    Class<?> result = component.kind().type;
    at(code, code.parameterSlot(0), offset);
    MethodTypeDesc type = desc(result, long.class);
    if (component.kind().needsLength()) {
      code.loadConstant(component.byteSize());
      type = desc(result, long.class, int.class);
    }
    code.invokestatic(desc(FieldMemory.class), "get" + suffix(component.kind()), type);
  }

  // ---- both -------------------------------------------------------------------------------------

  private CodeBuilder handle(CodeBuilder code, MethodHandle handle) {
    int index = handles.size();
    handles.add(handle);
    return code.ldc(
        DynamicConstantDesc.ofNamed(
            ConstantDescs.BSM_CLASS_DATA_AT,
            ConstantDescs.DEFAULT_NAME,
            ConstantDescs.CD_MethodHandle,
            index));
  }

  private static CodeBuilder invoke(CodeBuilder code, MethodHandle handle) {
    return code.invokevirtual(
        ConstantDescs.CD_MethodHandle,
        "invokeExact",
        MethodTypeDesc.ofDescriptor(handle.type().descriptorString()));
  }

  private static CodeBuilder at(CodeBuilder code, int address, long byteOffset) {
    code.lload(address);
    return byteOffset == 0 ? code : code.loadConstant(byteOffset).ladd();
  }

  private static TypeKind kind(Component component) {
    return TypeKind.from(component.kind().type);
  }

  private static String put(FieldKind kind) {
    return "put" + suffix(kind);
  }

  /** Returns what follows get and put in the names of methods of {@link FieldMemory}. */
  private static String suffix(FieldKind kind) {
    String name = kind.name();
    return name.charAt(0) + name.substring(1).toLowerCase(Locale.ROOT);
  }
}
