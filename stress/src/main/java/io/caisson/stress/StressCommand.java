package io.caisson.stress;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command line of {@code caisson stress}.
 *
 * <p>Exit status 0: everything passed and every canary was caught; 1: not so; 2: misused.
 */
@Command(
    name = "caisson stress",
    description = {
      "Looks for bugs in concurrent code: races under jcstress, model checks by Lincheck, torture"
          + " programs, and the model of the reclamation protocol, each in a process of its own.",
      "Beside what must pass there are canaries, which are broken and must be caught.",
      ""
    },
    sortOptions = false,
    usageHelpAutoWidth = true)
final class StressCommand implements Callable<Integer> {

  private static final int QUICK_SCENARIOS = 10;
  private static final int LONG_SCENARIOS = 100;
  private static final Duration QUICK_TORTURE = Duration.ofSeconds(1);
  private static final Duration LONG_TORTURE = Duration.ofSeconds(30);
  private static final int MUTANT_SCENARIOS = 40;
  private static final Duration MUTANT_TORTURE = Duration.ofMillis(250);
  private static final int MUTANT_ROUNDS = 6;

  @Option(names = "--quick", description = "A little of everything (the default).")
  private boolean quick;

  @Option(
      names = "--long",
      paramLabel = "MINUTES",
      description =
          "A little of everything, then everything thoroughly, part by part, for so long.")
  private @Nullable Integer minutes;

  @Option(names = "--races", description = "The races only.")
  private boolean races;

  @Option(names = "--lincheck", description = "The model checks only.")
  private boolean lincheck;

  @Option(names = "--torture", description = "The torture programs only.")
  private boolean torture;

  @Option(names = "--mutants", description = "The mutants of the code only, which must be caught.")
  private boolean mutants;

  @Option(names = "--model", description = "The model of the reclamation protocol only, all of it.")
  private boolean model;

  @Option(
      names = "--only",
      paramLabel = "REGEX",
      defaultValue = "",
      description = "Only races, checks and programs whose name contains a match.")
  private Pattern only = Pattern.compile("");

  @Option(names = "--seed", paramLabel = "N", description = "The seed of the torture programs.")
  private @Nullable Long seed;

  @Option(names = "--help", usageHelp = true, description = "Print this.")
  @SuppressWarnings("UnusedVariable") // picocli looks at it
  private boolean help;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  private final Path home;
  private final Tally tally;

  private StressCommand(Path home, Tally tally) {
    this.home = home;
    this.tally = tally;
  }

  /** Runs the command line. */
  public static void main(String[] arguments) {
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, UTF_8);
    Path home = Path.of(System.getProperty("caisson.stress.home", "stress")).toAbsolutePath();
    StressCommand command = new StressCommand(home, new Tally(out, System.err));
    System.exit(new CommandLine(command).execute(arguments));
  }

  @Override
  public Integer call() {
    if (quick && minutes != null) {
      throw new ParameterException(spec.commandLine(), "--quick or --long, not both");
    }
    long begun = System.nanoTime();
    round(plan(false), () -> true);
    if (minutes != null) {
      long nanos = Duration.ofMinutes(minutes).toNanos();
      BooleanSupplier hasTime = () -> System.nanoTime() - begun < nanos;
      while (hasTime.getAsBoolean()) {
        round(plan(true), hasTime);
      }
    }
    return tally.finish();
  }

  /** Runs each part that was asked for, as long as there is time. */
  private void round(Plan plan, BooleanSupplier hasTime) {
    boolean all = !(races || lincheck || torture || mutants || model);
    if ((all || torture) && hasTime.getAsBoolean()) {
      timed("torture", () -> MainPart.runTorture(plan, tally));
    }
    if ((all || mutants) && hasTime.getAsBoolean()) {
      timed("mutants", () -> MutantPart.run(plan, tally));
    }
    if ((all || lincheck) && hasTime.getAsBoolean()) {
      timed("Lincheck", () -> MainPart.runChecks(plan, tally));
    }
    if ((all || races) && hasTime.getAsBoolean()) {
      timed("races", () -> RacePart.run(plan, tally));
    }
    if ((all || model) && hasTime.getAsBoolean()) {
      timed("model", () -> ModelPart.run(model || plan.thorough(), home, tally));
    }
  }

  private void timed(String part, Runnable work) {
    int results = tally.results();
    long begun = System.nanoTime();
    work.run();
    tally.took(part, tally.results() - results, Duration.ofNanos(System.nanoTime() - begun));
  }

  private Plan plan(boolean thorough) {
    return new Plan(
        home,
        only,
        thorough,
        thorough ? LONG_SCENARIOS : QUICK_SCENARIOS,
        thorough ? LONG_TORTURE : QUICK_TORTURE,
        MUTANT_SCENARIOS,
        MUTANT_TORTURE,
        MUTANT_ROUNDS,
        seed == null ? new Random().nextInt(Integer.MAX_VALUE) : seed);
  }
}
