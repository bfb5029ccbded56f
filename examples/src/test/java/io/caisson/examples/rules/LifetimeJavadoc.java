package io.caisson.examples.rules;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.doctree.DocTree;
import com.sun.source.doctree.ParamTree;
import com.sun.source.doctree.ReturnTree;
import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.ToolProvider;

/**
 * Holds the documentation of the public API to its ownership annotations, by the sources: they know
 * the names of parameters, which class files need not, and the comments.
 */
final class LifetimeJavadoc {

  private static final Set<String> MARKS = Set.of("Owned", "Borrowed", "View");

  private static final Pattern LIFETIME =
      Pattern.compile(
          "\\b(own(s|ed|er|er's)?|free[sd]?|close[sd]?|borrowed|valid|until|outlives?|as long as"
              + "|stays?|ends?|taken over|releases?d?)\\b");

  private static final Pattern ADDRESS = Pattern.compile("\\baddress\\b");

  private final List<String> violations = new ArrayList<>();

  private LifetimeJavadoc() {}

  /** Returns a line for every element of some sources that is not documented as it must be. */
  static List<String> violationsIn(Iterable<? extends JavaFileObject> sources) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    JavacTask task = (JavacTask) compiler.getTask(null, null, null, null, null, sources);
    DocTrees trees = DocTrees.instance(task);
    LifetimeJavadoc rules = new LifetimeJavadoc();
    for (CompilationUnitTree unit : task.parse()) {
      rules.new Scanner(trees).scan(unit, null);
    }
    return rules.violations;
  }

  private final class Scanner extends TreePathScanner<Void, Void> {
    private final DocTrees trees;

    Scanner(DocTrees trees) {
      this.trees = trees;
    }

    @Override
    public Void visitClass(ClassTree type, Void unused) {
      if (!isPublic(type.getModifiers(), getCurrentPath().getParentPath())) {
        return null;
      }
      if (marks(type.getModifiers()) == 1 && !LIFETIME.matcher(comment()).find()) {
        violations.add(type.getSimpleName() + ": does not say what ends it");
      }
      return super.visitClass(type, null);
    }

    @Override
    public Void visitMethod(MethodTree method, Void unused) {
      TreePath parent = getCurrentPath().getParentPath();
      if (isPublic(method.getModifiers(), parent) && !isOverride(method)) {
        String name = ((ClassTree) parent.getLeaf()).getSimpleName() + "." + method.getName();
        DocCommentTree comment = trees.getDocCommentTree(getCurrentPath());
        checkResult(name, method, comment);
        for (VariableTree parameter : method.getParameters()) {
          checkParameter(name, parameter, comment);
        }
      }
      return null;
    }

    private void checkResult(String name, MethodTree method, DocCommentTree comment) {
      String result = text(comment, DocTree.Kind.RETURN, null);
      boolean isLong = "long".equals(String.valueOf(method.getReturnType()));
      int marks = marks(method.getModifiers());
      if (isLong && ADDRESS.matcher(result).find() && marks != 1) {
        violations.add(name + ": documented to return an address, and not marked");
      }
      if (marks != 0 && !LIFETIME.matcher(result).find()) {
        violations.add(name + ": '@return " + result + "' does not say how long it is valid");
      }
    }

    private void checkParameter(String name, VariableTree parameter, DocCommentTree comment) {
      String simpleName = parameter.getName().toString();
      boolean isLong = parameter.getType().toString().equals("long");
      if (isLong
          && (simpleName.equals("address") || simpleName.endsWith("Address"))
          && marks(parameter.getModifiers()) != 1) {
        violations.add(name + ": takes '" + simpleName + "', which is not marked");
      }
      String text = text(comment, DocTree.Kind.PARAM, simpleName);
      if (isMarked(parameter.getModifiers(), "Owned") && !LIFETIME.matcher(text).find()) {
        violations.add(
            name + ": '@param " + simpleName + " " + text + "' does not say that it is taken over");
      }
    }

    private String comment() {
      DocCommentTree comment = trees.getDocCommentTree(getCurrentPath());
      return comment == null ? "" : comment.getFullBody().toString();
    }

    private boolean isPublic(ModifiersTree modifiers, TreePath enclosing) {
      boolean inInterface =
          enclosing.getLeaf().getKind() == Tree.Kind.INTERFACE
              && !modifiers.getFlags().contains(Modifier.PRIVATE);
      return inInterface
          || modifiers.getFlags().contains(Modifier.PUBLIC)
          || modifiers.getFlags().contains(Modifier.PROTECTED);
    }

    private boolean isOverride(MethodTree method) {
      return isMarked(method.getModifiers(), "Override");
    }
  }

  private static String text(DocCommentTree comment, DocTree.Kind kind, String parameter) {
    if (comment == null) {
      return "";
    }
    return comment.getBlockTags().stream()
        .filter(tag -> tag.getKind() == kind)
        .filter(tag ->
            !(tag instanceof ParamTree param)
                || (!param.isTypeParameter() && param.getName().toString().equals(parameter)))
        .map(tag ->
            tag instanceof ReturnTree result
                ? result.getDescription()
                : ((ParamTree) tag).getDescription())
        .flatMap(List::stream)
        .map(Object::toString)
        .collect(Collectors.joining())
        .replaceAll("\\s+", " ");
  }

  private static int marks(ModifiersTree modifiers) {
    return (int) MARKS.stream().filter(mark -> isMarked(modifiers, mark)).count();
  }

  private static boolean isMarked(ModifiersTree modifiers, String annotation) {
    for (AnnotationTree found : modifiers.getAnnotations()) {
      if (found.getAnnotationType().toString().equals(annotation)) {
        return true;
      }
    }
    return false;
  }
}
