package io.caisson.examples.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * Holds the published modules to their rules, and each rule to a class that breaks it.
 *
 * <p>What a failure lists, one line each, is either to be put right or, for static state and for
 * the classes that may reach native code, to be allowed in {@link StaticState} or {@link
 * ForbiddenUses} with the reason.
 */
class PublicApiTest {

  private static CompiledClasses published;

  @BeforeAll
  static void readClasses() throws IOException {
    published = CompiledClasses.published();
  }

  private static void assertNone(List<String> violations) {
    assertTrue(
        violations.isEmpty(),
        () -> violations.size() + " violations:\n" + String.join("\n", violations));
  }

  @Test
  void published_modules_areAllSeen() {
    assertTrue(
        published
            .modules()
            .containsAll(
                Set.of(
                    "io.caisson.alloc",
                    "io.caisson.collections",
                    "io.caisson.metrics",
                    "io.caisson.smr",
                    "io.caisson.testkit")),
        () -> "only " + published.modules());
    assertTrue(published.api().size() > 30, () -> "only " + published.api().size() + " types");
  }

  @Test
  void results_withAnOwner_sayWhoItIs() {
    assertNone(new OwnershipRules(published).unmarkedResults());
  }

  @Test
  void parameters_withAnOwner_sayWhoItIs() {
    assertNone(new OwnershipRules(published).unmarkedParameters());
  }

  @Test
  void views_areNotOwned() {
    assertNone(new OwnershipRules(published).ownedViews());
  }

  @Test
  void ownedResults_canBeFreed() {
    assertNone(new OwnershipRules(published).unfreeableResults());
  }

  @Test
  void classes_useNothingForbidden() {
    assertNone(ForbiddenUses.in(published.all()));
  }

  @Test
  void classes_haveNoStaticState() {
    assertNone(new StaticState(published).violations());
  }

  @Test
  void allowances_areNeeded() {
    assertNone(new StaticState(published).staleAllowances());
  }

  @Test
  void markedElements_documentTheirLifetime() throws IOException {
    List<JavaFileObject> sources = new ArrayList<>();
    try (Stream<Path> modules = Files.list(Path.of(".."))) {
      for (Path module : modules.toList()) {
        for (String exported : published.exportedPackages()) {
          Path directory = module.resolve("src/main/java").resolve(exported);
          if (Files.isDirectory(directory)) {
            addSources(directory, sources);
          }
        }
      }
    }
    assertTrue(sources.size() > 30, () -> "only " + sources.size() + " sources");
    assertNone(LifetimeJavadoc.violationsIn(sources));
  }

  private static void addSources(Path directory, List<JavaFileObject> sources) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        sources.add(source(file.getFileName().toString(), Files.readString(file)));
      }
    }
  }

  private static JavaFileObject source(String name, String text) {
    return new SimpleJavaFileObject(URI.create("string:///" + name), JavaFileObject.Kind.SOURCE) {
      @Override
      public CharSequence getCharContent(boolean ignoreEncodingErrors) {
        return text;
      }
    };
  }

  /** Classes that break the rules: each must be found, and nothing else in them. */
  @Nested
  class Canaries {

    private static final String PREFIX = "io.caisson.examples.rules.canaries.";

    private static void assertFound(List<String> violations, String type, String... expected) {
      List<String> found =
          violations.stream()
              .filter(line -> line.startsWith(PREFIX + type))
              .map(line -> line.substring((PREFIX + type + ".").length()))
              .sorted()
              .toList();
      assertEquals(expected.length, found.size(), () -> "found " + found);
      for (int i = 0; i < expected.length; i++) {
        assertTrue(found.get(i).contains(expected[i]), found.get(i));
      }
    }

    private static OwnershipRules rules(Class<?>... canaries) throws IOException {
      return new OwnershipRules(published.with(canaries));
    }

    @Test
    void unmarkedResults_areFound() throws Exception {
      assertFound(
          rules(io.caisson.examples.rules.canaries.Unmarked.class).unmarkedResults(),
          "Unmarked",
          "address(): returns an address, marked none",
          "allocate(long): returns an address, marked none",
          "bothAddress(): returns an address, marked [@Borrowed, @Owned]",
          "cleanup(): returns a CleanupStack, marked none",
          "segment(): returns a MemorySegment, marked none",
          "shared(): returns a RefCounted, marked none",
          "slice(): returns a Slice, marked none",
          "text(): returns a StringView, marked none");
    }

    @Test
    void unmarkedParameters_areFound() throws Exception {
      assertFound(
          rules(io.caisson.examples.rules.canaries.Unmarked.class).unmarkedParameters(),
          "Unmarked",
          "<init>(Allocator): takes a Allocator as parameter 1, marked none",
          "write(long, MemorySegment): takes a MemorySegment as parameter 2, marked none");
    }

    @Test
    void overridesThatContradict_areFound() throws Exception {
      assertFound(
          rules(io.caisson.examples.rules.canaries.Contradicting.class).unmarkedResults(),
          "Contradicting",
          "newAllocator(): returns a Allocator, marked [@Borrowed, @Owned]");
    }

    @Test
    void ownedViews_areFound() throws Exception {
      assertFound(
          rules(io.caisson.examples.rules.canaries.OwnedView.class).ownedViews(),
          "OwnedView",
          "slice(): returns a view as @Owned");
    }

    @Test
    void unfreeableResults_areFound() throws Exception {
      assertFound(
          rules(io.caisson.examples.rules.canaries.Unfreeable.class).unfreeableResults(),
          "Unfreeable",
          "allocate(long): returns what nothing here frees");
    }

    @Test
    void forbiddenUses_areFound() throws Exception {
      List<String> found =
          ForbiddenUses.in(
              published.with(io.caisson.examples.rules.canaries.Forbidden.class).all());
      for (String use :
          List.of(
              "sun.misc.Unsafe",
              "jdk.internal.misc.Unsafe",
              "java/lang/ThreadLocal",
              "Arena#ofShared",
              "Arena#global",
              "ByteBuffer#allocateDirect",
              "MemorySegment#reinterpret",
              "Linker#nativeLinker",
              "Linker$Option#critical",
              "SymbolLookup#loaderLookup",
              "System#loadLibrary")) {
        assertTrue(
            found.stream()
                .anyMatch(line -> line.startsWith(PREFIX + "Forbidden") && line.contains(use)),
            () -> use + " is not among\n" + String.join("\n", found));
      }
      assertFalse(String.join("\n", found).contains("ThreadLocalRandom"));
    }

    @Test
    void staticState_isFound() throws Exception {
      assertFound(
          new StaticState(published.with(io.caisson.examples.rules.canaries.Stateful.class))
              .violations(),
          "Stateful",
          "CACHE: static state of type Map",
          "DEFAULT: static state of type Allocator",
          "STACK: static state of type CleanupStack",
          "TABLE: static state of type int[]",
          "count: static state of type int");
    }

    @Test
    void undocumentedLifetimes_areFound() throws Exception {
      List<String> found =
          LifetimeJavadoc.violationsIn(
              List.of(
                  source(
                      "Canary.java",
                      """
                      /** Shows bytes. */
                      @View
                      public class Canary {
                        /** Takes. @param address the address of a block @param block the block */
                        public void take(long address, @Owned OwnedBlock block) {}

                        /**
                         * Gives.
                         *
                         * @param block a block, taken over
                         * @return the address of it
                         */
                        public long give(@Owned OwnedBlock block) { return 0; }

                        /**
                         * Lends.
                         *
                         * @return a block
                         */
                        @Borrowed
                        public OwnedBlock lend() { return null; }

                        /**
                         * Lends well.
                         *
                         * @return the address, valid until the next change
                         */
                        @Borrowed
                        public long address() { return 0; }

                        long hidden(long address) { return address; }
                      }
                      """)));
      assertEquals(
          List.of(
              "Canary: does not say what ends it",
              "Canary.take: takes 'address', which is not marked",
              "Canary.take: '@param block ' does not say that it is taken over",
              "Canary.give: documented to return an address, and not marked",
              "Canary.lend: '@return a block' does not say how long it is valid"),
          found);
    }
  }
}
