package io.caisson.examples.index;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.caisson.alloc.BlockRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IndexCommandTest {

  private static final Set<String> FIELDS =
      Set.of(
          "allocator",
          "memory",
          "threads",
          "files",
          "bytes",
          "strings",
          "distinct",
          "top",
          "readMillis",
          "elapsedMillis",
          "offHeapBytes",
          "peakOffHeapBytes",
          "heapBytes",
          "gcMillis");

  @TempDir private Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private String text;

  @BeforeEach
  void writeText() throws IOException {
    text = write("text", "b a b\tc\n".getBytes(UTF_8));
  }

  private String write(String name, byte[] content) throws IOException {
    return Files.write(directory.resolve(name), content).toString();
  }

  private int run(String... args) {
    out.reset();
    err.reset();
    return IndexCommand.run(out, new PrintStream(err, true, UTF_8), false, args);
  }

  private JsonObject json() {
    return JsonParser.parseString(out.toString(UTF_8)).getAsJsonObject();
  }

  private void assertOneLine(String... parts) {
    String message = err.toString(UTF_8);
    assertEquals(1, message.lines().count(), message);
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }

  // ---- what it prints -------------------------------------------------------------------------

  @Test
  void json_noBaseline_hasTheFieldsAndCounts() {
    assertEquals(0, run("--json", "--no-baseline", "--rounds", "1", text));
    JsonObject report = json();
    assertEquals(FIELDS, report.keySet());
    assertEquals("system", report.get("allocator").getAsString());
    String mode = BlockRegistry.isActive() ? "checked" : "native";
    assertEquals(mode, report.get("memory").getAsString());
    assertEquals(1, report.get("threads").getAsInt());
    assertEquals(1, report.get("files").getAsInt());
    assertEquals(8, report.get("bytes").getAsInt());
    assertEquals(4, report.get("strings").getAsInt());
    assertEquals(3, report.get("distinct").getAsInt());
    assertEquals(
        "[{\"text\":\"b\",\"count\":2},{\"text\":\"a\",\"count\":1},{\"text\":\"c\",\"count\":1}]",
        report.get("top").toString());
    assertTrue(report.get("offHeapBytes").getAsLong() > 0);
    assertEquals("", err.toString(UTF_8));
  }

  @Test
  void json_baseline_agreesOnWhateverBytes() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    write("random", Samples.bytes(random, 200_000, 10));
    write("class", Samples.classFile(Character.class));
    write("mixed", "\u00e4 \uFFFD \uD83D\uDE00 \0".getBytes(UTF_8));
    assertEquals(
        0, run("--json", "--rounds", "2", directory.toString()), "seed " + seed + ": " + err);
    JsonObject baseline = json().getAsJsonObject("baseline");
    assertEquals(Set.of("distinct", "elapsedMillis", "heapBytes", "gcMillis"), baseline.keySet());
    assertEquals(json().get("distinct"), baseline.get("distinct"), "seed " + seed);
  }

  @Test
  void json_anyAllocator_givesTheSameCounts() throws IOException {
    write("class", Samples.classFile(String.class));
    String path = directory.toString();
    List<String> names = List.of("system", "mimalloc", "slab", "arena", "fixed");
    JsonArray expected = null;
    for (String name : names) {
      String[] args = {"--json", "--no-baseline", "--top", "10000000", "--allocator", name, path};
      assertEquals(0, run(args), err.toString(UTF_8));
      assertEquals(name, json().get("allocator").getAsString());
      JsonArray top = json().getAsJsonArray("top");
      expected = expected == null ? top : expected;
      assertEquals(expected, top);
      assertEquals(json().get("distinct").getAsInt(), top.size());
      long sum = 0;
      for (JsonElement element : top) {
        sum += element.getAsJsonObject().get("count").getAsLong();
      }
      assertEquals(json().get("strings").getAsLong(), sum);
      if (name.equals("fixed")) {
        assertEquals(512 << 20, json().get("offHeapBytes").getAsLong());
      }
    }
  }

  @Test
  void json_severalThreads_giveTheSameCounts() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 20; i++) {
      write("random" + i, Samples.bytes(random, 20_000, 10));
    }
    write("class", Samples.classFile(String.class));
    String path = directory.toString();
    assertEquals(0, run("--json", "--no-baseline", "--top", "10000000", path), err.toString(UTF_8));
    JsonObject expected = json();
    for (String name : List.of("system", "mimalloc", "slab", "arena", "fixed")) {
      String[] args = {
        "--json", "--threads", "3", "--rounds", "2", "--top", "10000000", "--allocator", name, path
      };
      assertEquals(0, run(args), "seed " + seed + ": " + err);
      assertEquals(3, json().get("threads").getAsInt());
      for (String figure : List.of("files", "bytes", "strings", "distinct", "top")) {
        assertEquals(expected.get(figure), json().get(figure), figure + ", seed " + seed);
      }
      assertEquals(expected.get("distinct"), json().getAsJsonObject("baseline").get("distinct"));
    }
  }

  @Test
  void fixed_tooSmallForSeveralThreads_saysSo() throws IOException {
    String file = write("random", Samples.bytes(new Random(1), 200_000, 10));
    String[] args = {
      "--threads", "2", "--no-baseline", "--allocator", "fixed", "--capacity", "64KiB", file, text
    };
    assertEquals(1, run(args));
    assertOneLine("raise --capacity");
  }

  @Test
  void json_malformedUtf8_hasReplacementCharacters() throws IOException {
    String file = write("latin1", new byte[] {'x', (byte) 0xE4, 'y'});
    assertEquals(0, run("--json", "--no-baseline", "--rounds", "1", file));
    assertEquals(
        "x\uFFFDy",
        json().getAsJsonArray("top").get(0).getAsJsonObject().get("text").getAsString());
  }

  @Test
  void text_baseline_showsBothSides() {
    assertEquals(0, run("--rounds", "1", "--top", "1", text));
    String report = out.toString(UTF_8);
    assertTrue(report.contains("2  b\n"), report);
    assertFalse(report.contains("1  a\n"), report);
    assertTrue(report.contains("3 distinct of 4 strings in 1 file of 8 B"), report);
    assertTrue(report.contains("HashMap"), report);
    assertTrue(report.contains("0 failures"), report);
  }

  @Test
  void text_severalThreads_saysHowMany() {
    assertEquals(0, run("--rounds", "1", "--threads", "2", text));
    String report = out.toString(UTF_8);
    assertTrue(report.contains("counting on 2 threads"), report);
    assertTrue(report.contains("ConcurrentHashMap"), report);
  }

  @Test
  void text_emptyFile_countsNothing() throws IOException {
    assertEquals(0, run("--no-baseline", write("empty", new byte[0])));
    assertTrue(out.toString(UTF_8).startsWith("0 distinct of 0 strings in 1 file of 0 B"));
  }

  @Test
  void help_printed_statusZero() {
    assertEquals(0, run("--help"));
    assertTrue(out.toString(UTF_8).contains("--capacity"));
  }

  // ---- misuse ---------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--allocator jemalloc",
        "--allocator",
        "--capacity 1X --allocator fixed",
        "--capacity 0 --allocator fixed",
        "--capacity -1 --allocator fixed",
        "--capacity 99999999999G --allocator fixed",
        "--capacity 1MiB",
        "--leaks",
        "--leaks paranoid",
        "--budget 0",
        "--budget much",
        "--top x",
        "--top -1",
        "--rounds 0",
        "--threads 0",
        "--threads x",
        "--rounds 99999999999",
        "--frobnicate",
        "--json=perhaps",
      })
  void run_misused_isOneLineAndStatusTwo(String args) {
    assertEquals(2, run(args.split(" ", -1)), args);
    assertOneLine("caisson index: ", "try --help");
    assertEquals("", out.toString(UTF_8));
  }

  // ---- failures -------------------------------------------------------------------------------

  @Test
  void run_missingFile_countsTheRestAndFails() {
    String missing = directory.resolve("missing").toString();
    assertEquals(1, run("--json", "--no-baseline", missing, text));
    assertOneLine("cannot read " + missing + ": no such file or directory");
    assertEquals(3, json().get("distinct").getAsInt());
  }

  @Test
  void run_nothingReadable_printsZeroCountsAndFails() {
    assertEquals(1, run("--json", directory.resolve("missing").toString()));
    assertOneLine("missing");
    assertEquals(0, json().get("distinct").getAsInt());
    assertEquals(0, json().get("files").getAsInt());
  }

  @Test
  void run_truncatedClassFile_countsItAsPlainAndFails() throws IOException {
    String cut = write("Cut.class", Arrays.copyOf(Samples.classFile(String.class), 999));
    assertEquals(1, run("--json", cut, text));
    assertOneLine(cut, "truncated");
    assertEquals(2, json().get("files").getAsInt());
    assertEquals(json().get("distinct"), json().getAsJsonObject("baseline").get("distinct"));
  }

  @Test
  void run_fixedBufferRunsOut_saysWhatToRaise() throws IOException {
    String file = write("class", Samples.classFile(String.class));
    assertEquals(1, run("--no-baseline", "--allocator", "fixed", "--capacity", "4KiB", file));
    assertOneLine("fixed buffer of 4.0 KiB", "--capacity");
    assertEquals("", out.toString(UTF_8));
  }

  @Test
  void run_budgetRunsOut_saysWhatToRaise() throws IOException {
    String file = write("class", Samples.classFile(String.class));
    assertEquals(1, run("--no-baseline", "--budget", "1100KiB", file));
    assertOneLine("budget of 1.1 MiB", "--budget");
    assertEquals("", out.toString(UTF_8));
  }

  @Test
  void run_impossibleBuffer_isOneLine() {
    assertEquals(1, run("--no-baseline", "--allocator", "fixed", "--capacity", "8000000T", text));
    assertOneLine("caisson index: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--json", "--top=3"})
  void run_outputRefused_isOneLineUnlessNobodyReads(String format) {
    PrintStream errors = new PrintStream(err, true, UTF_8);
    OutputStream full = refusing("No space left on device");
    assertEquals(1, IndexCommand.run(full, errors, false, "--no-baseline", format, text));
    assertOneLine("cannot write the report: No space left on device");
    err.reset();
    OutputStream broken = refusing("Broken pipe");
    assertEquals(1, IndexCommand.run(broken, errors, false, "--no-baseline", format, text));
    assertEquals("", err.toString(UTF_8));
  }

  private static OutputStream refusing(String reason) {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        throw new IOException(reason);
      }
    };
  }

  @Test
  void run_onTerminal_leavesNoTraceOfProgress() {
    PrintStream errors = new PrintStream(err, true, UTF_8);
    assertEquals(0, IndexCommand.run(out, errors, true, "--no-baseline", text));
    assertTrue(err.toString(UTF_8).contains("round 1 of 3"));
    assertTrue(err.toString(UTF_8).endsWith("\r\033[K"));
  }

  // ---- the page -------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(strings = {"system", "slab", "arena", "fixed"})
  void report_anyAllocator_isAPageOfItsTags(String allocator) throws IOException {
    Path page = directory.resolve("report.html");
    assertEquals(
        0,
        run(
            "--allocator",
            allocator,
            "--no-baseline",
            "--rounds",
            "2",
            "--report",
            page.toString(),
            text),
        err::toString);
    String html = Files.readString(page);
    assertTrue(html.contains("<h1>caisson index</h1>"), html);
    assertTrue(html.contains("<td>index.table</td>"), html);
    assertTrue(html.contains("<td>index.input</td>"), html);
    assertTrue(out.toString(UTF_8).contains("3 distinct of 4 strings"));
  }

  @Test
  void report_budget_isATreeWithTheLimit() throws IOException {
    Path page = directory.resolve("report.html");
    assertEquals(
        0,
        run("--budget", "64MiB", "--no-baseline", "--report", page.toString(), text),
        err::toString);
    String html = Files.readString(page);
    assertTrue(html.contains("of 64.0 MiB used, peak"), html);
    assertTrue(html.contains("<strong>index.table</strong>"), html);
    assertTrue(html.contains("within index"), html);
    assertTrue(html.contains("No leak detector is registered."), html);
  }

  // ---- leaks ----------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(strings = {"sampled", "full"})
  void leaks_anyAllocator_areSearchedForAndNotFound(String leaks) throws IOException {
    String file = write("class", Samples.classFile(String.class));
    Path page = directory.resolve("report.html");
    for (String allocator : List.of("system", "slab", "arena", "fixed")) {
      assertEquals(
          0,
          run(
              "--leaks",
              leaks,
              "--allocator",
              allocator,
              "--no-baseline",
              "--report",
              page.toString(),
              file),
          err::toString);
      assertTrue(out.toString(UTF_8).contains("leaks: none found (" + leaks + ")"), out::toString);
      String html = Files.readString(page);
      assertTrue(html.contains("no block is out"), html);
    }
  }

  @Test
  void leaks_aBlockThatNobodyFrees_isOnThePageAndAnError() throws IOException {
    IndexOptions options =
        new IndexOptions(
            List.of(),
            AllocatorKind.SYSTEM,
            1,
            IndexBudgets.ANY,
            LeakSearch.FULL,
            1,
            1,
            1,
            false,
            directory.resolve("report.html"));
    try (IndexBudgets budgets = new IndexBudgets(options.budget(), true);
        MemoryHistory history = new MemoryHistory(budgets)) {
      TableMemory memory = TableMemory.open(options, budgets, history);
      long leaked = memory.allocator().allocate(777, 8);
      history.write(directory.resolve("report.html"));
      String html = Files.readString(directory.resolve("report.html"));
      assertTrue(html.contains("1 block of 777 B"), html);
      assertTrue(html.contains("leaks_aBlockThatNobodyFrees"), html);
      assertThrows(IllegalStateException.class, memory::close);
      memory.allocator().free(leaked, 777, 8);
      memory.close();
    }
  }

  @Test
  void report_notWritable_isOneLine() {
    String page = directory.resolve("none").resolve("report.html").toString();
    assertEquals(1, run("--no-baseline", "--rounds", "1", "--report", page, text));
    assertOneLine("cannot write", page);
  }
}
