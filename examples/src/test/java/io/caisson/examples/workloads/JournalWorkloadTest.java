package io.caisson.examples.workloads;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.alloc.Operation;
import io.caisson.alloc.TagTree;
import io.caisson.collections.GrowBuffer;
import io.caisson.testkit.LeakCheck;
import io.caisson.testkit.OomSweep;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A journal that is written and read in batches, whose scratch is in an arena. */
class JournalWorkloadTest {

  private static final String JOURNAL_WRITE = "journal.write";

  @TempDir Path directory;

  /** What happened to a path. */
  private record Entry(long time, String path) {}

  /** A file of batches, each of which is its size, its checksum and its entries. */
  private static final class Journal implements AutoCloseable {
    private static final int HEADER = 8;
    private static final int CHECKSUM = 4;
    private static final int PATH_BYTE_SIZE = 8;
    private static final int PATH = 12;

    private final Allocator allocator;
    private final Path file;
    private final TagTree tags = new TagTree();

    /** Creates an empty journal. */
    Journal(Allocator allocator, Path file) {
      this.allocator = allocator;
      this.file = file;
      try {
        Files.write(file, new byte[0]);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static int checksum(MemorySegment bytes) {
      CRC32C crc = new CRC32C();
      crc.update(bytes.asByteBuffer());
      return (int) crc.getValue();
    }

    /** Encodes a batch in an arena, and writes it when all of it is there. */
    void write(List<Entry> batch) {
      try (Operation write = new Operation(allocator, tags.tag(JOURNAL_WRITE));
          ArenaAllocator arena = new ArenaAllocator(write.allocator(), "encode", 256);
          FileChannel channel = FileChannel.open(file, StandardOpenOption.APPEND)) {
        encode(batch, arena).writeTo(channel);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static GrowBuffer encode(List<Entry> batch, ArenaAllocator arena) {
      GrowBuffer bytes = new GrowBuffer(arena);
      bytes.appendLong(0); // where the header will be
      for (Entry entry : batch) {
        byte[] path = entry.path.getBytes(UTF_8);
        bytes.appendLong(entry.time);
        bytes.appendInt(path.length);
        bytes.append(path);
      }
      MemorySegment segment = bytes.segment();
      MemorySegment body = segment.asSlice(HEADER);
      segment.set(JAVA_INT_UNALIGNED, 0, (int) body.byteSize());
      segment.set(JAVA_INT_UNALIGNED, CHECKSUM, checksum(body));
      return bytes;
    }

    /** Decodes the journal batch by batch, each in what the one before has left of the arena. */
    List<Entry> read() {
      List<Entry> entries = new ArrayList<>();
      try (Operation read = new Operation(allocator, tags.tag(TagTree.JOURNAL_READ));
          ArenaAllocator arena = new ArenaAllocator(read.allocator(), "decode", 256);
          FileChannel channel = FileChannel.open(file)) {
        while (channel.position() < channel.size()) {
          decode(channel, arena, entries);
          arena.reset();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return entries;
    }

    private static void decode(FileChannel channel, ArenaAllocator arena, List<Entry> entries) {
      MemorySegment header = next(channel, HEADER, arena);
      MemorySegment body = next(channel, header.get(JAVA_INT_UNALIGNED, 0), arena);
      if (header.get(JAVA_INT_UNALIGNED, CHECKSUM) != checksum(body)) {
        throw new IllegalStateException("a batch of " + body.byteSize() + " bytes is damaged");
      }
      for (long at = 0; at < body.byteSize(); ) {
        int byteSize = body.get(JAVA_INT_UNALIGNED, at + PATH_BYTE_SIZE);
        MemorySegment path = body.asSlice(at + PATH, byteSize);
        entries.add(
            new Entry(
                body.get(JAVA_LONG_UNALIGNED, at), UTF_8.decode(path.asByteBuffer()).toString()));
        at += PATH + byteSize;
      }
    }

    private static MemorySegment next(FileChannel channel, int byteSize, ArenaAllocator arena) {
      GrowBuffer bytes = new GrowBuffer(arena);
      bytes.readFrom(channel, byteSize);
      if (bytes.byteSize() != byteSize) {
        throw new IllegalStateException(
            bytes.byteSize()
                + " bytes are left; expected "
                + byteSize
                + ", so the end is torn off");
      }
      return bytes.segment();
    }

    byte[] bytes() {
      try {
        return Files.readAllBytes(file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() {
      assertEquals(0, tags.total().liveBytes());
    }
  }

  private static List<Entry> batch(int number) {
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i <= 10 * number; i++) {
      entries.add(new Entry(1000 * number + i, "objects/" + number + "/größe-" + i));
    }
    return entries;
  }

  private Journal journal(Allocator allocator) {
    return new Journal(allocator, directory.resolve("journal"));
  }

  @Test
  void journal_writtenAndRead_isTheSameInTheMemoryOfItsLargestBatch() {
    LeakCheck.run(allocator -> {
      try (Journal journal = journal(allocator)) {
        List<Entry> expected = new ArrayList<>();
        long peak = 0;
        for (int number = 0; number < 20; number++) {
          journal.write(batch(number % 10));
          expected.addAll(batch(number % 10));
          assertEquals(expected, journal.read());
          if (number == 9) {
            peak = journal.tags.tag(TagTree.JOURNAL_READ).stats().highestOperationPeak();
          }
        }
        assertTrue(peak > 0);
        assertEquals(peak, journal.tags.tag(TagTree.JOURNAL_READ).stats().lastOperationPeak());
        assertEquals(20, journal.tags.tag(JOURNAL_WRITE).stats().operations());
      }
    });
  }

  @Test
  void journal_tornOrDamaged_isRefusedAndLeavesNothing() {
    LeakCheck.run(allocator -> {
      try (Journal journal = journal(allocator)) {
        journal.write(batch(3));
        byte[] whole = journal.bytes();
        for (int cut = 1; cut < whole.length; cut += 7) {
          replace(journal, Arrays.copyOf(whole, whole.length - cut));
          assertThrows(IllegalStateException.class, journal::read);
        }
        whole[whole.length - 1]++;
        replace(journal, whole);
        assertThrows(IllegalStateException.class, journal::read);
      }
    });
  }

  private static void replace(Journal journal, byte[] bytes) {
    try {
      Files.write(journal.file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void journal_eachAllocationFailing_isWrittenWholeOrNotAtAll() {
    OomSweep<Journal> sweep = OomSweep.of(this::journal).contents(Journal::bytes);
    for (int i = 0; i < 4; i++) {
      int number = i;
      sweep.absorbingStep("write", journal -> journal.write(batch(number)));
      sweep.absorbingStep("read", Journal::read);
    }
    assertTrue(sweep.run() > 12);
  }
}
