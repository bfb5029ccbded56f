package io.caisson.stress;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs the model of the reclamation protocol, if there is a C++ compiler. */
final class ModelPart {

  /** Verdict, scenario, mutant or blanks, finding, and what it cost. */
  private static final Pattern LINE =
      Pattern.compile("(ok  |FAIL) (.{14}) (.{24}) (.*?) +\\d+ states +[0-9.]+ s");

  private final Tally tally;
  private final List<String> details = new ArrayList<>();
  private boolean pending;
  private String pendingName = "";
  private boolean pendingCanary;

  ModelPart(Tally tally) {
    this.tally = tally;
  }

  /** Runs all of it, or what takes seconds. */
  static void run(boolean all, Path home, Tally tally) {
    if (!isOnPath("g++")) {
      tally.begin("no g++ here: the model of the reclamation protocol is left out");
      return;
    }
    tally.begin("model of the reclamation protocol");
    ModelPart part = new ModelPart(tally);
    List<String> command = new ArrayList<>(List.of("sh", "model/run.sh"));
    if (!all) {
      command.add("quick");
    }
    int before = tally.results();
    Child.run(home, command, part::read);
    part.flush();
    if (tally.results() == before) {
      tally.fail("model", part.details, "stress/model/run.sh");
    }
  }

  private static boolean isOnPath(String program) {
    for (String directory : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
      if (Files.isExecutable(Path.of(directory, program))) {
        return true;
      }
    }
    return false;
  }

  void read(String line) {
    Matcher result = LINE.matcher(line);
    if (!result.matches()) {
      details.add(line);
      return;
    }
    flush();
    String scenario = result.group(2).strip();
    String mutant = result.group(3).strip();
    String name = (scenario + " " + mutant).strip();
    // Some mutants are harmless, and expected to be safe: those are no canaries.
    boolean canary = !mutant.isEmpty() && !result.group(4).equals("safe");
    if (!result.group(1).equals("ok  ")) {
      pending = true;
      pendingName = name;
      pendingCanary = !mutant.isEmpty();
      details.add(line);
    } else if (canary) {
      tally.caught(name);
    } else {
      tally.pass(name);
    }
  }

  /** Tells of a failure, when the lines that explain it have all been read. */
  void flush() {
    if (pending) {
      String repeat = "stress/model/run.sh " + pendingName;
      if (pendingCanary) {
        tally.miss(pendingName, details, repeat);
      } else {
        tally.fail(pendingName, details, repeat);
      }
    }
    pending = false;
    details.clear();
  }
}
