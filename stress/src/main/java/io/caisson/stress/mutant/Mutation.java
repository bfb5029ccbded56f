package io.caisson.stress.mutant;

import java.util.function.Supplier;

/**
 * A class that is broken at one place.
 *
 * @param name what it is called: as the mutant of the model, where there is one
 * @param type the binary name of the class
 * @param method the method
 * @param edit makes the change; it must change one place
 * @param text what is wrong with it
 * @param tool what must catch it
 * @param test the test of that tool
 */
public record Mutation(
    String name,
    String type,
    String method,
    Supplier<Edit> edit,
    String text,
    Tool tool,
    String test) {

  /** What runs tests. */
  public enum Tool {
    LINCHECK,
    TORTURE,
    RACE
  }
}
