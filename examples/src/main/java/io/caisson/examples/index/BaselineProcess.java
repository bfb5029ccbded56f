package io.caisson.examples.index;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.Gson;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The baseline in a JVM of its own, started like this one: neither side warms up, or litters, for
 * the other.
 */
final class BaselineProcess implements AutoCloseable {

  private static final long GRACE_SECONDS = 5;

  /** Options that are this JVM's own business. */
  private static final List<String> NOT_INHERITED =
      List.of("-agentlib:", "-agentpath:", "-javaagent:", "-Xrun", "-XX:StartFlightRecording");

  private final Gson gson = new Gson();
  private final Process process;
  private final PrintStream requests;
  private final BufferedReader replies;

  private BaselineProcess(Process process) {
    this.process = process;
    this.requests = new PrintStream(process.getOutputStream(), false, UTF_8);
    this.replies = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
  }

  /**
   * Starts the process.
   *
   * @throws IndexFailure if it cannot be started
   */
  static BaselineProcess start(List<Path> inputs, int threads) {
    try {
      ProcessBuilder builder = new ProcessBuilder(command()).redirectError(Redirect.INHERIT);
      BaselineProcess baseline = new BaselineProcess(builder.start());
      List<String> paths = inputs.stream().map(Path::toString).toList();
      baseline.send(baseline.gson.toJson(new BaselineMain.Request(paths, threads)));
      return baseline;
    } catch (IOException e) {
      throw new IndexFailure("the baseline cannot be started: " + e.getMessage());
    }
  }

  private static List<String> command() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (NOT_INHERITED.stream().noneMatch(option::startsWith)) {
        command.add(option);
      }
    }
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(BaselineMain.class.getName());
    return command;
  }

  private void send(String line) {
    requests.println(line);
    requests.flush();
  }

  /**
   * Does one round.
   *
   * @throws IndexFailure if the baseline fails
   */
  RoundFigures round() {
    send("round");
    String line;
    try {
      line = replies.readLine();
    } catch (IOException e) {
      throw new IndexFailure("the baseline does not answer: " + e.getMessage());
    }
    if (line == null) {
      throw new IndexFailure("the baseline has died; --no-baseline does without");
    }
    BaselineMain.Reply reply = gson.fromJson(line, BaselineMain.Reply.class);
    if (reply.figures() == null) {
      throw new IndexFailure("the baseline is " + reply.error() + "; --no-baseline does without");
    }
    return reply.figures();
  }

  /** Ends the process. */
  @Override
  public void close() {
    requests.close();
    try {
      if (process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
  }
}
