package io.caisson.stress.mutant;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Instruction;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** One change of the code of a method. */
public interface Edit {

  /** Passes on an element of the code, or something else; says whether it was something else. */
  boolean change(CodeBuilder code, CodeElement element);

  /** Replaces each element that matches. */
  static Edit replace(Predicate<CodeElement> place, Consumer<CodeBuilder> instead) {
    return (code, element) -> {
      if (place.test(element)) {
        instead.accept(code);
        return true;
      }
      code.with(element);
      return false;
    };
  }

  /** Replaces only the nth element that matches, counted from 1. */
  static Edit replaceNth(int nth, Predicate<CodeElement> place, Consumer<CodeBuilder> instead) {
    int[] met = {0};
    return replace(element -> place.test(element) && ++met[0] == nth, instead);
  }

  /** Replaces the whole code, to which nothing may jump. */
  static Edit body(Consumer<CodeBuilder> instead) {
    boolean[] done = {false};
    return (code, element) -> {
      boolean first = element instanceof Instruction && !done[0];
      if (first) {
        done[0] = true;
        instead.accept(code);
      }
      return first;
    };
  }

  /** A call of a method. */
  static Predicate<CodeElement> call(String method) {
    return element ->
        element instanceof InvokeInstruction invoke && invoke.name().equalsString(method);
  }

  /** A read of a field. */
  static Predicate<CodeElement> get(String field) {
    return element ->
        element instanceof FieldInstruction access
            && access.opcode() == Opcode.GETFIELD
            && access.name().equalsString(field);
  }

  /** A constant, of whatever instruction. */
  static Predicate<CodeElement> constant(Object value) {
    return element ->
        element instanceof ConstantInstruction constant && constant.constantValue().equals(value);
  }
}
