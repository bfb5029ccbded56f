package io.caisson.examples.index;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.ByteSize;
import java.io.BufferedWriter;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/**
 * The command line of {@code caisson index}.
 *
 * <p>Exit status 0: all is counted; 1: something failed or could not be read; 2: misused.
 */
@Command(
    name = "caisson index",
    description = {
      "Counts every string of FILEs, and of all files below DIRs, in a table off the heap, beside"
          + " the same job on a HashMap, or, with several threads, a ConcurrentHashMap, in a JVM of"
          + " its own.",
      "",
      "A class file gives the UTF-8 entries of its constant pool, any other file its runs of bytes"
          + " that are not ASCII white space. Without FILE or DIR: every class of the running JDK.",
      ""
    },
    sortOptions = false,
    usageHelpAutoWidth = true)
final class IndexCommand implements Callable<Integer> {

  private static final int FAILURE = CommandLine.ExitCode.SOFTWARE;

  /** How the JDK says that whoever read the output, such as {@code head}, has seen enough. */
  private static final String BROKEN_PIPE = "Broken pipe";

  private static final int MAX_THREADS = 1024;

  private static final String DEFAULT_CAPACITY = "512MiB";

  /** Reads {@code --allocator}. */
  private static final class AllocatorKindConverter implements ITypeConverter<AllocatorKind> {
    @Override
    public AllocatorKind convert(String value) {
      try {
        return AllocatorKind.of(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }

  /** Reads {@code --leaks}. */
  private static final class LeakSearchConverter implements ITypeConverter<LeakSearch> {
    @Override
    public LeakSearch convert(String value) {
      try {
        return LeakSearch.of(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }

  /** Reads {@code --capacity} and {@code --budget}. */
  private static final class ByteSizeConverter implements ITypeConverter<Long> {
    @Override
    public Long convert(String value) {
      try {
        return ByteSize.parse(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }

  @Spec private @Nullable CommandSpec spec;

  @Parameters(arity = "0..*", paramLabel = "FILE|DIR", description = "What to read.")
  private List<String> inputs = new ArrayList<>();

  @Option(
      names = "--allocator",
      paramLabel = "NAME",
      defaultValue = "system",
      converter = AllocatorKindConverter.class,
      description =
          "What the table is put on: system, mimalloc, slab, arena or fixed. Default: system.")
  private AllocatorKind allocator = AllocatorKind.SYSTEM;

  @Option(
      names = "--capacity",
      paramLabel = "SIZE",
      converter = ByteSizeConverter.class,
      description =
          "The size of the fixed buffer, such as 64MiB. Default: " + DEFAULT_CAPACITY + ".")
  private @Nullable Long capacity;

  @Option(
      names = "--budget",
      paramLabel = "SIZE",
      converter = ByteSizeConverter.class,
      description = "What input and table may take together. Default: what there is.")
  private long budget = IndexBudgets.ANY;

  @Option(
      names = "--leaks",
      paramLabel = "HOW",
      defaultValue = "off",
      converter = LeakSearchConverter.class,
      description =
          "Look for blocks of the table that are never freed: off, sampled (one block in 128) or"
              + " full. Default: off.")
  private LeakSearch leaks = LeakSearch.OFF;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "How many threads count, each one file after the other, in one table. Default: 1.")
  private int threads;

  @Option(
      names = "--top",
      paramLabel = "N",
      defaultValue = "20",
      description = "How many of the most frequent strings to list. Default: 20.")
  private long top;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "How often to do the job; times are medians. Default: 3.")
  private int rounds;

  @Option(names = "--no-baseline", description = "Leave out the same job on a map of the JDK's.")
  private boolean noBaseline;

  @Option(
      names = "--report",
      paramLabel = "FILE.html",
      description =
          "Write a page about the memory of the run, over time, with budgets and leaks; it slows"
              + " the run a little.")
  private @Nullable Path page;

  @Option(names = "--json", description = "Print the report as one JSON object.")
  private boolean json;

  @SuppressWarnings("UnusedVariable") // picocli looks at the annotation alone
  @Option(names = "--help", usageHelp = true, description = "Print this help.")
  private boolean help;

  private final OutputStream out;
  private final Progress progress;
  private final Problems problems;

  private IndexCommand(OutputStream out, PrintStream err, boolean onTerminal) {
    this.out = out;
    this.progress = new Progress(err, onTerminal);
    this.problems = new Problems(err, progress);
  }

  /** Runs the command and ends the JVM with its exit status. */
  public static void main(String[] args) {
    PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, UTF_8);
    OutputStream out = new FileOutputStream(FileDescriptor.out);
    System.exit(run(out, err, Boolean.getBoolean("caisson.progress"), args));
  }

  /**
   * Runs the command.
   *
   * @param onTerminal whether {@code err} is a terminal, to show progress on
   * @return the exit status
   */
  static int run(OutputStream out, PrintStream err, boolean onTerminal, String... args) {
    IndexCommand command = new IndexCommand(out, err, onTerminal);
    return new CommandLine(command)
        .setOut(new PrintWriter(out, true, UTF_8))
        .setErr(new PrintWriter(err, true, UTF_8))
        .setExpandAtFiles(false)
        .setParameterExceptionHandler((e, _) -> command.misused(e))
        .setExecutionExceptionHandler((e, _, _) -> command.failed(e))
        .execute(args);
  }

  private int misused(ParameterException e) {
    problems.report(e.getMessage() + " (try --help)");
    return CommandLine.ExitCode.USAGE;
  }

  private int failed(Exception e) {
    String message = String.valueOf(e.getMessage());
    problems.report(e instanceof IndexFailure ? message : "failed: " + e);
    return FAILURE;
  }

  @Override
  public Integer call() {
    IndexOptions options = options();
    try {
      IndexJob.Result result = new IndexJob(options, problems, progress).run();
      progress.erase();
      if (!print(result)) {
        return FAILURE;
      }
    } catch (AllocationException e) {
      throw new IndexFailure(exhausted(options, e));
    } catch (OutOfMemoryError e) {
      throw new IndexFailure("the Java heap is too small: " + e.getMessage());
    } finally {
      progress.erase();
    }
    return problems.any() ? FAILURE : CommandLine.ExitCode.OK;
  }

  private IndexOptions options() {
    require(top >= 0, "--top must not be negative");
    require(threads >= 1 && threads <= MAX_THREADS, "--threads must be 1 to " + MAX_THREADS);
    require(rounds >= 1, "--rounds must be at least 1");
    boolean fixed = allocator == AllocatorKind.FIXED;
    require(capacity == null || fixed, "--capacity is for --allocator fixed only");
    require(capacity == null || capacity > 0, "--capacity must be at least 1 byte");
    require(budget > 0, "--budget must be at least 1 byte");
    return new IndexOptions(
        paths(),
        allocator,
        capacity == null ? ByteSize.parse(DEFAULT_CAPACITY) : capacity,
        budget,
        leaks,
        threads,
        top,
        rounds,
        !noBaseline,
        page);
  }

  private void require(boolean condition, String message) {
    if (!condition && spec != null) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }

  private List<Path> paths() {
    List<Path> paths = new ArrayList<>();
    for (String input : inputs) {
      try {
        paths.add(Path.of(input));
      } catch (InvalidPathException e) {
        problems.notReadable(input, "no path in this locale: " + e.getReason());
      }
    }
    return paths;
  }

  private static String exhausted(IndexOptions options, AllocationException e) {
    if (options.allocator() == AllocatorKind.FIXED && e.limit() == options.capacity()) {
      return String.format(
          "the fixed buffer of %s has no room for %s more, with %s in use; raise --capacity",
          ByteSize.format(options.capacity()),
          ByteSize.format(e.byteSize()),
          ByteSize.format(e.inUse()));
    }
    if (options.budget() != IndexBudgets.ANY && e.limit() == options.budget()) {
      return String.format(
          "the budget of %s has no room for %s more, with %s in use; raise --budget",
          ByteSize.format(options.budget()),
          ByteSize.format(e.byteSize()),
          ByteSize.format(e.inUse()));
    }
    return "out of native memory: " + e.getMessage();
  }

  /** Prints the report, and says whether anybody reads it. */
  private boolean print(IndexJob.Result result) {
    Writer writer = new BufferedWriter(new OutputStreamWriter(out, UTF_8));
    try {
      if (json) {
        result.report().writeJson(writer);
      } else {
        TextReport.write(result.report(), result.stats(), leaks, writer);
      }
      // And not closed: on a closed standard output that would close a file of the JVM's own.
      writer.flush();
      return true;
    } catch (IOException e) {
      if (BROKEN_PIPE.equals(e.getMessage())) {
        return false;
      }
      throw new IndexFailure("cannot write the report: " + e.getMessage());
    }
  }
}
