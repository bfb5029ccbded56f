package io.caisson.stress;

import io.caisson.stress.mutant.Mutation;
import io.caisson.stress.mutant.Mutation.Tool;
import io.caisson.stress.mutant.Mutations;
import io.caisson.stress.mutant.Mutator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Breaks the code at one place, and then at another, and runs the tests that must see it. */
final class MutantPart {

  /** What a test says, or a JVM that followed a pointer to nowhere, which may exit with 1. */
  private static final Pattern FAILED =
      Pattern.compile(
          "FAILED .*|\\.* ?\\[FAILED\\] io\\..*|# A fatal error has been detected by the Java.*");

  /** The broken class did not work at all: nothing was found out about the protocol. */
  private static final Pattern UNUSABLE =
      Pattern.compile(
          "java\\.lang\\.(\\w*LinkageError|Verify|ClassFormat|IncompatibleClass|NoSuch).*");

  /** Exit statuses of a process that a signal ended: it followed a pointer to nowhere. */
  private static final int FIRST_SIGNAL = 128;

  private static final int TAIL = 60;

  private final Plan plan;
  private final Tally tally;
  private final List<String> output = new ArrayList<>();
  private boolean failed;
  private boolean unusable;

  private MutantPart(Plan plan, Tally tally) {
    this.plan = plan;
    this.tally = tally;
  }

  /** Runs all mutations, or those with a name that matches; races only if the plan is thorough. */
  static void run(Plan plan, Tally tally) {
    tally.begin("mutants of the code, seed " + plan.seed());
    List<Runnable> together = new ArrayList<>();
    List<Runnable> alone = new ArrayList<>();
    for (Mutation mutation : Mutations.ALL) {
      if (plan.only().matcher(mutation.name()).find()) {
        // A race needs the cores for itself.
        (mutation.tool() == Tool.RACE ? alone : together)
            .add(() -> new MutantPart(plan, tally).run(mutation));
      }
    }
    Jobs.run(together);
    if (!plan.only().pattern().isEmpty() || plan.thorough()) {
      alone.forEach(Runnable::run);
    }
  }

  private void run(Mutation mutation) {
    Path directory = plan.home().resolve("target/mutants").resolve(mutation.name());
    Mutator.write(mutation, directory);
    // Where its tool may leave reports.
    int status = Child.run(directory, command(mutation, directory), this::read);
    String name = mutation.name() + " by " + mutation.test();
    if (!unusable && (failed || status > FIRST_SIGNAL)) {
      tally.caught(name);
    } else {
      List<String> details = new ArrayList<>();
      details.add(mutation.text() + ": " + mutation.type() + "." + mutation.method());
      details.add(mutation.test() + " did not see it; exit status " + status);
      details.addAll(output);
      tally.miss(
          name,
          details,
          "./caisson stress --mutants --seed " + plan.seed() + " --only " + mutation.name());
    }
  }

  private List<String> command(Mutation mutation, Path directory) {
    String test = "^" + mutation.test() + "$";
    return switch (mutation.tool()) {
      case LINCHECK ->
          ChildCommands.lincheck(directory.toString(), plan.mutantScenarios(), test, 0, 1, false);
      case TORTURE ->
          ChildCommands.torture(
              directory.toString(),
              "native",
              plan.seed(),
              plan.mutantTorture(),
              plan.mutantRounds(),
              test);
      case RACE ->
          ChildCommands.races(
              directory.toString(), plan.home(), false, "\\." + mutation.test() + "$");
    };
  }

  private void read(String line) {
    failed |= FAILED.matcher(line).matches();
    unusable |= UNUSABLE.matcher(line).find();
    if (output.size() < TAIL) {
      output.add(line);
    }
  }
}
