package io.caisson.examples.workloads;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.Owned;
import io.caisson.collections.OwnedString;
import io.caisson.collections.TextBuilder;
import io.caisson.testkit.LeakCheck;
import io.caisson.testkit.OomSweep;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.StringTokenizer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Temporary files behind one interface, whose paths are text that the caller owns and frees. */
class PathsWorkloadTest {

  @TempDir Path directory;

  /** A place for temporary files, whose root is "/" in the paths that it takes and gives. */
  interface TempFiles {

    /** Makes an empty file and returns its canonical path, owned by the caller. */
    @Owned
    OwnedString create(String path);

    /** Returns the canonical path of a file or directory that is there, owned by the caller. */
    @Owned
    OwnedString canonicalPath(String path);
  }

  /** Files of the file system, in a directory. */
  private record RealFiles(@Borrowed Allocator allocator, Path root) implements TempFiles {

    @Override
    public OwnedString create(String path) {
      Path file = root.resolve(path);
      try {
        Files.createDirectories(file.getParent());
        if (Files.notExists(file)) {
          Files.createFile(file);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return canonicalPath(path);
    }

    @Override
    public OwnedString canonicalPath(String path) {
      try (TextBuilder canonical = new TextBuilder(allocator)) {
        for (Path name : root.toRealPath().relativize(root.resolve(path).toRealPath())) {
          canonical.append('/').append(name.toString());
        }
        return canonical.take();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Files that there are not, for tests. */
  private record FakeFiles(@Borrowed Allocator allocator, Set<String> there) implements TempFiles {

    @Override
    public OwnedString create(String path) {
      OwnedString created = canonical(path);
      String file = created.toString();
      for (int end = file.length(); end > 0; end = file.lastIndexOf('/', end - 1)) {
        there.add(file.substring(0, end));
      }
      return created;
    }

    @Override
    public OwnedString canonicalPath(String path) {
      OwnedString canonical = canonical(path);
      if (there.contains(canonical.toString())) {
        return canonical;
      }
      canonical.close();
      throw new UncheckedIOException(new NoSuchFileException(path));
    }

    private OwnedString canonical(String path) {
      Deque<String> names = new ArrayDeque<>();
      StringTokenizer tokens = new StringTokenizer(path, "/");
      while (tokens.hasMoreTokens()) {
        String name = tokens.nextToken();
        if (name.equals("..")) {
          names.pollLast();
        } else if (!name.equals(".")) {
          names.addLast(name);
        }
      }
      try (TextBuilder canonical = new TextBuilder(allocator)) {
        names.forEach(name -> canonical.append('/').append(name));
        return canonical.take();
      }
    }
  }

  enum Adapter {
    REAL,
    FAKE;

    TempFiles open(Allocator allocator, Path root) {
      return this == REAL
          ? new RealFiles(allocator, root)
          : new FakeFiles(allocator, new HashSet<>());
    }
  }

  @ParameterizedTest
  @EnumSource
  void paths_ofEitherAdapter_areOwnedAndTheSame(Adapter adapter) {
    AccountedAllocator base = Allocators.system();
    try (LeakCheck check = new LeakCheck(base)) {
      TempFiles files = adapter.open(check.allocator(), directory);
      try (OwnedString created = files.create("objects/pack/index");
          OwnedString again = files.canonicalPath("objects/./pack/../pack/index");
          OwnedString parent = files.canonicalPath("objects/pack")) {
        assertEquals("/objects/pack/index", created.toString());
        assertEquals(created, again);
        assertEquals("/objects/pack", parent.toString());
        assertEquals(3, base.stats().liveBlocks());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void paths_ofWhatIsNotThere_leaveNothingOwned(Adapter adapter) {
    LeakCheck.run(allocator -> {
      TempFiles files = adapter.open(allocator, directory);
      assertThrows(UncheckedIOException.class, () -> files.canonicalPath("objects/none"));
    });
  }

  /** Keeps the paths of the files that it made. */
  private static final class Checkout implements AutoCloseable {
    private final TempFiles files;
    private final List<OwnedString> paths = new ArrayList<>();

    Checkout(TempFiles files) {
      this.files = files;
    }

    void add(int number) {
      paths.add(files.create("directory" + number % 3 + "/a file with a long name " + number));
    }

    /** Adds the path of the first file, if there is one, by another of its names. */
    void findFirst() {
      if (!paths.isEmpty()) {
        paths.add(files.canonicalPath("./" + paths.getFirst().toString().substring(1)));
      }
    }

    List<String> texts() {
      return paths.stream().map(OwnedString::toString).toList();
    }

    @Override
    public void close() {
      paths.forEach(OwnedString::close);
    }
  }

  @ParameterizedTest
  @EnumSource
  void paths_eachAllocationFailing_areOwnedWholeOrNotAtAll(Adapter adapter) {
    OomSweep<Checkout> sweep =
        OomSweep.of((Allocator allocator) -> new Checkout(adapter.open(allocator, directory)))
            .contents(Checkout::texts);
    for (int i = 0; i < 4; i++) {
      int number = i;
      sweep.absorbingStep("add", checkout -> checkout.add(number));
      sweep.absorbingStep("find", checkout -> checkout.findFirst());
    }
    assertTrue(sweep.run() >= 8);
  }
}
