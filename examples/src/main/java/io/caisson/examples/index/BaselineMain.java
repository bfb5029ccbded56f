package io.caisson.examples.index;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.Gson;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The baseline's process: does one round on {@link MapCounts} for each line that it reads.
 *
 * <p>The first line holds a {@link Request} as JSON; each later line is answered with one {@link
 * Reply}. The end of the input ends the process.
 */
final class BaselineMain {

  /** What is to be counted, and by how many threads. */
  record Request(List<String> inputs, int threads) {}

  /** The answer to a line: figures, or why there are none. */
  record Reply(@Nullable RoundFigures figures, @Nullable String error) {}

  private final Gson gson = new Gson();
  private final BufferedReader in;
  private final PrintStream out;

  private BaselineMain(BufferedReader in, PrintStream out) {
    this.in = in;
    this.out = out;
  }

  /** Serves the process that started this one. */
  public static void main(String[] args) throws IOException {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, UTF_8);
    new BaselineMain(in, out).serve();
  }

  private void serve() throws IOException {
    String line = in.readLine();
    if (line == null) {
      return;
    }
    Request request = gson.fromJson(line, Request.class);
    List<Path> inputs = request.inputs.stream().map(Path::of).toList();
    List<Path> files = Inputs.list(inputs, Problems.unheard());
    try (IndexCrew crew =
        new IndexCrew(request.threads, InputMemory.onHeap(), Problems.unheard(), Progress.none())) {
      while (in.readLine() != null) {
        out.println(gson.toJson(round(files, crew, request.threads)));
        out.flush();
      }
    }
  }

  private static Reply round(List<Path> files, IndexCrew crew, int threads) {
    try (MapCounts counts = MapCounts.open(threads)) {
      return new Reply(RoundFigures.measure(files, crew, counts), null);
    } catch (OutOfMemoryError e) {
      return new Reply(null, "out of memory: " + e.getMessage());
    }
  }
}
