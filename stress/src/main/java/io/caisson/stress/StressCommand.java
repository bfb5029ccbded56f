package io.caisson.stress;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.Callable;
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
  private static final Duration QUICK_TORTURE = Duration.ofSeconds(2);
  private static final Duration LONG_TORTURE = Duration.ofSeconds(30);

  @Option(names = "--quick", description = "A little of everything (the default).")
  private boolean quick;

  @Option(
      names = "--long",
      paramLabel = "MINUTES",
      description = "Everything, thoroughly, again and again for so long.")
  private @Nullable Integer minutes;

  @Option(names = "--races", description = "The races only.")
  private boolean races;

  @Option(names = "--lincheck", description = "The model checks only.")
  private boolean lincheck;

  @Option(names = "--torture", description = "The torture programs only.")
  private boolean torture;

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
    long start = System.nanoTime();
    long nanos = minutes == null ? 0 : Duration.ofMinutes(minutes).toNanos();
    if (model || !(races || lincheck || torture)) {
      ModelPart.run(plan(model || minutes != null), tally);
    }
    boolean rounds = !model || races || lincheck || torture;
    do {
      if (rounds) {
        round(plan(minutes != null));
      }
    } while (rounds && System.nanoTime() - start < nanos);
    return tally.finish();
  }

  private void round(Plan plan) {
    boolean all = !(races || lincheck || torture);
    if (all || races) {
      RacePart.run(plan, tally);
    }
    if (all || lincheck) {
      MainPart.runChecks(plan, tally);
    }
    if (all || torture) {
      MainPart.runTorture(plan, tally);
    }
  }

  private Plan plan(boolean thorough) {
    return new Plan(
        home,
        only,
        thorough,
        minutes == null ? QUICK_SCENARIOS : LONG_SCENARIOS,
        minutes == null ? QUICK_TORTURE : LONG_TORTURE,
        seed == null ? new Random().nextInt(Integer.MAX_VALUE) : seed);
  }
}
