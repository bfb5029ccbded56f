package io.caisson.examples.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.MockAllocator;
import io.caisson.collections.BytesLongTable;
import io.caisson.collections.BytesSet;
import io.caisson.collections.BytesTable;
import io.caisson.collections.CorruptFileException;
import io.caisson.collections.FixedLength;
import io.caisson.collections.IntVector;
import io.caisson.collections.LongLongTable;
import io.caisson.collections.LongSet;
import io.caisson.collections.LongVector;
import io.caisson.collections.RecordCodec;
import io.caisson.collections.Table;
import io.caisson.collections.Vector;
import java.lang.invoke.MethodHandles;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Any file is loaded, or refused as corrupt, and takes no more memory than is in it. Before it is
 * read the checksums are made right, for else nothing that was changed would pass them.
 */
class LoadFuzzTest {

  private static final int MUTATIONS = 200;
  private static final int HEADER = 56;

  /** What is kept in the records of some files. */
  record Entry(@FixedLength(4) String name, int number) {}

  private static final RecordCodec<Entry> CODEC =
      RecordCodec.of(MethodHandles.lookup(), Entry.class);

  /** Loads a collection from a file. */
  @FunctionalInterface
  private interface Loader {
    AutoCloseable load(Allocator allocator, FileChannel channel);
  }

  private static final List<Loader> LOADERS =
      List.of(
          LongVector::load,
          IntVector::load,
          LongLongTable::load,
          BytesLongTable::load,
          BytesTable::load,
          LongSet::load,
          BytesSet::load,
          (allocator, channel) -> Vector.load(allocator, CODEC, channel),
          (allocator, channel) -> Table.load(allocator, CODEC, CODEC, channel));

  @TempDir static Path directory;

  @FuzzTest
  void load_anyFile_loadsOrRefuses(byte[] input) throws Exception {
    check(input);
  }

  @Test
  void load_changedFile_loadsOrRefuses() throws Exception {
    Corpus.mutate(getClass(), "load_anyFile_loadsOrRefuses", MUTATIONS, LoadFuzzTest::check);
  }

  /** The corpus is of files that load: else nothing but the header would be tried. */
  @Test
  void load_corpus_isSound() throws Exception {
    boolean[] loaded = new boolean[LOADERS.size()];
    for (byte[] file : Corpus.read(getClass(), "LoadFuzzTestInputs/load_anyFile_loadsOrRefuses")) {
      for (int i = 0; i < LOADERS.size(); i++) {
        loaded[i] |= loads(LOADERS.get(i), file);
      }
    }
    for (int i = 0; i < loaded.length; i++) {
      assertTrue(loaded[i], "no file for loader " + i);
    }
  }

  private static void check(byte[] input) throws Exception {
    byte[] file = withChecksums(input);
    for (Loader loader : LOADERS) {
      loads(loader, file);
    }
  }

  private static byte[] withChecksums(byte[] input) {
    if (input.length < HEADER + Integer.BYTES) {
      return input;
    }
    byte[] file = input.clone();
    putChecksum(file, 0, HEADER - Integer.BYTES);
    putChecksum(file, HEADER, file.length - Integer.BYTES);
    return file;
  }

  private static void putChecksum(byte[] file, int from, int to) {
    CRC32C checksum = new CRC32C();
    checksum.update(file, from, to - from);
    ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(to, (int) checksum.getValue());
  }

  private static boolean loads(Loader loader, byte[] bytes) throws Exception {
    Path file = directory.resolve("file");
    Files.write(file, bytes);
    try (AccountedAllocator system = Allocators.system();
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      MockAllocator limited = new MockAllocator(system).failAbove(64L * bytes.length + 10_000);
      try (AutoCloseable loaded = loader.load(limited, channel)) {
        assertTrue(loaded.toString().length() > 0);
        return true;
      } catch (CorruptFileException e) {
        return false;
      } catch (AllocationException e) {
        throw new AssertionError("more memory than the file justifies", e);
      }
    }
  }
}
