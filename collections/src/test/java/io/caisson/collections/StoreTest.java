package io.caisson.collections;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.MockAllocator;
import io.caisson.collections.Samples.Everything;
import io.caisson.collections.Samples.Label;
import io.caisson.testkit.LeakCheck;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Saves and loads every collection that can be, and refuses what is not as it was saved. */
class StoreTest {

  @TempDir Path directory;

  /** A collection with contents that do not depend on where it is, or on a seed. */
  enum Kind {
    LONG_VECTOR {
      @Override
      AutoCloseable make(Allocator allocator, int size) {
        LongVector vector = new LongVector(allocator);
        for (int i = 0; i < size; i++) {
          vector.add(i * 0x9E3779B97F4A7C15L);
        }
        return vector;
      }

      @Override
      void save(AutoCloseable collection, FileChannel channel) {
        ((LongVector) collection).save(channel);
      }

      @Override
      AutoCloseable load(Allocator allocator, FileChannel channel) {
        return LongVector.load(allocator, channel);
      }

      @Override
      Object contents(AutoCloseable collection) {
        return ((LongVector) collection).stream().boxed().toList();
      }
    },

    INT_VECTOR {
      @Override
      AutoCloseable make(Allocator allocator, int size) {
        IntVector vector = new IntVector(allocator);
        for (int i = 0; i < size; i++) {
          vector.add(i * 0x9E3779B9);
        }
        return vector;
      }

      @Override
      void save(AutoCloseable collection, FileChannel channel) {
        ((IntVector) collection).save(channel);
      }

      @Override
      AutoCloseable load(Allocator allocator, FileChannel channel) {
        return IntVector.load(allocator, channel);
      }

      @Override
      Object contents(AutoCloseable collection) {
        return ((IntVector) collection).stream().boxed().toList();
      }
    },

    DOUBLE_VECTOR {
      @Override
      AutoCloseable make(Allocator allocator, int size) {
        DoubleVector vector = new DoubleVector(allocator);
        for (int i = 0; i < size; i++) {
          vector.add(1.0 / i);
        }
        return vector;
      }

      @Override
      void save(AutoCloseable collection, FileChannel channel) {
        ((DoubleVector) collection).save(channel);
      }

      @Override
      AutoCloseable load(Allocator allocator, FileChannel channel) {
        return DoubleVector.load(allocator, channel);
      }

      @Override
      Object contents(AutoCloseable collection) {
        return ((DoubleVector) collection).stream().boxed().toList();
      }
    },

    STRUCT_VECTOR {
      @Override
      AutoCloseable make(Allocator allocator, int size) {
        StructVector vector = new StructVector(allocator, 13);
        for (int i = 0; i < size; i++) {
          vector.setLong(vector.add(), 5, ~(long) i);
        }
        return vector;
      }

      @Override
      void save(AutoCloseable collection, FileChannel channel) {
        ((StructVector) collection).save(channel);
      }

      @Override
      AutoCloseable load(Allocator allocator, FileChannel channel) {
        return StructVector.load(allocator, 13, channel);
      }

      @Override
      Object contents(AutoCloseable collection) {
        return ByteBuffer.wrap(
            ((StructVector) collection).asSlice().segment().toArray(ValueLayout.JAVA_BYTE));
      }
    },

    LONG_LONG_TABLE {
      @Override
      AutoCloseable make(Allocator allocator, int size) {
        LongLongTable table = new LongLongTable(allocator);
        for (int i = 0; i < size; i++) {
          table.put(i, -i, 0);
        }
        return table;
      }

      @Override
      void save(AutoCloseable collection, FileChannel channel) {
        ((LongLongTable) collection).save(channel);
      }

      @Override
      AutoCloseable load(Allocator allocator, FileChannel channel) {
        return LongLongTable.load(allocator, channel);
      }

      @Override
      Object contents(AutoCloseable collection) {
        ((LongLongTable) collection).checkInvariants();
        return Map.copyOf(((LongLongTable) collection).asMap());
      }
    },

    BYTES_LONG_TABLE {
      @Override
      AutoCloseable make(Allocator allocator, int size) {
        BytesLongTable table = new BytesLongTable(allocator);
        for (int i = 0; i < size; i++) {
          table.put(text(i), i, 0);
        }
        return table;
      }

      @Override
      void save(AutoCloseable collection, FileChannel channel) {
        ((BytesLongTable) collection).save(channel);
      }

      @Override
      AutoCloseable load(Allocator allocator, FileChannel channel) {
        return BytesLongTable.load(allocator, channel);
      }

      @Override
      Object contents(AutoCloseable collection) {
        Map<String, Long> contents = new HashMap<>();
        ((BytesLongTable) collection).forEach((key, value) -> contents.put(key.toString(), value));
        return contents;
      }
    },

    BYTES_TABLE {
      @Override
      AutoCloseable make(Allocator allocator, int size) {
        BytesTable table = new BytesTable(allocator);
        for (int i = 0; i < size; i++) {
          table.put(text(i), text(2 * i + 1));
        }
        return table;
      }

      @Override
      void save(AutoCloseable collection, FileChannel channel) {
        ((BytesTable) collection).save(channel);
      }

      @Override
      AutoCloseable load(Allocator allocator, FileChannel channel) {
        return BytesTable.load(allocator, channel);
      }

      @Override
      Object contents(AutoCloseable collection) {
        Map<String, String> contents = new HashMap<>();
        ((BytesTable) collection)
            .forEach((key, value) -> contents.put(key.toString(), value.toString()));
        return contents;
      }
    },

    LONG_SET {
      @Override
      AutoCloseable make(Allocator allocator, int size) {
        LongSet set = new LongSet(allocator);
        for (int i = 0; i < size; i++) {
          set.add(i * 3L);
        }
        return set;
      }

      @Override
      void save(AutoCloseable collection, FileChannel channel) {
        ((LongSet) collection).save(channel);
      }

      @Override
      AutoCloseable load(Allocator allocator, FileChannel channel) {
        return LongSet.load(allocator, channel);
      }

      @Override
      Object contents(AutoCloseable collection) {
        Set<Long> contents = new HashSet<>();
        ((LongSet) collection).forEach(contents::add);
        return contents;
      }
    },

    BYTES_SET {
      @Override
      AutoCloseable make(Allocator allocator, int size) {
        BytesSet set = new BytesSet(allocator);
        for (int i = 0; i < size; i++) {
          set.add(text(i));
        }
        return set;
      }

      @Override
      void save(AutoCloseable collection, FileChannel channel) {
        ((BytesSet) collection).save(channel);
      }

      @Override
      AutoCloseable load(Allocator allocator, FileChannel channel) {
        return BytesSet.load(allocator, channel);
      }

      @Override
      Object contents(AutoCloseable collection) {
        Set<String> contents = new HashSet<>();
        ((BytesSet) collection).forEach(value -> contents.add(value.toString()));
        return contents;
      }
    },

    RECORD_VECTOR {
      @Override
      AutoCloseable make(Allocator allocator, int size) {
        Vector<Label> vector = new Vector<>(allocator, LABEL);
        for (int i = 0; i < size; i++) {
          vector.add(Samples.key(i));
        }
        return vector;
      }

      @Override
      @SuppressWarnings("unchecked") // it made it
      void save(AutoCloseable collection, FileChannel channel) {
        ((Vector<Label>) collection).save(channel);
      }

      @Override
      AutoCloseable load(Allocator allocator, FileChannel channel) {
        return Vector.load(allocator, LABEL, channel);
      }

      @Override
      @SuppressWarnings("unchecked") // it made it
      Object contents(AutoCloseable collection) {
        return List.copyOf(((Vector<Label>) collection).asList());
      }
    },

    RECORD_TABLE {
      @Override
      AutoCloseable make(Allocator allocator, int size) {
        Table<Label, Everything> table = new Table<>(allocator, LABEL, EVERYTHING);
        Random random = new Random(size);
        for (int i = 0; i < size; i++) {
          table.put(new Label("k" + i % 5, i), Samples.everything(random));
        }
        return table;
      }

      @Override
      @SuppressWarnings("unchecked") // it made it
      void save(AutoCloseable collection, FileChannel channel) {
        ((Table<Label, Everything>) collection).save(channel);
      }

      @Override
      AutoCloseable load(Allocator allocator, FileChannel channel) {
        return Table.load(allocator, LABEL, EVERYTHING, channel);
      }

      @Override
      @SuppressWarnings("unchecked") // it made it
      Object contents(AutoCloseable collection) {
        Map<Label, Everything> contents = new HashMap<>();
        ((Table<Label, Everything>) collection).forEach(contents::put);
        return contents;
      }
    };

    private static final RecordCodec<Label> LABEL = Samples.key();
    private static final RecordCodec<Everything> EVERYTHING = Samples.everything();

    abstract AutoCloseable make(Allocator allocator, int size);

    abstract void save(AutoCloseable collection, FileChannel channel);

    abstract AutoCloseable load(Allocator allocator, FileChannel channel);

    abstract Object contents(AutoCloseable collection);

    /** Every thousandth is larger than the buffers of reader and writer. */
    static byte[] text(int i) {
      return (i + "-".repeat(i % 1000 == 999 ? 150_000 : i % 40)).getBytes(UTF_8);
    }
  }

  private FileChannel open() throws IOException {
    return FileChannel.open(
        directory.resolve("file"),
        StandardOpenOption.CREATE,
        StandardOpenOption.READ,
        StandardOpenOption.WRITE);
  }

  /** Saves a collection of some size, and returns the bytes of the file. */
  private byte[] save(Kind kind, Allocator allocator, int size) throws Exception {
    try (AutoCloseable collection = kind.make(allocator, size);
        FileChannel channel = open()) {
      channel.truncate(0);
      kind.save(collection, channel);
    }
    return Files.readAllBytes(directory.resolve("file"));
  }

  private AutoCloseable load(Kind kind, Allocator allocator, byte[] file) throws IOException {
    Files.write(directory.resolve("file"), file);
    try (FileChannel channel = open()) {
      return kind.load(allocator, channel);
    }
  }

  @Test
  void layout_ofTheHeader_isPinned() {
    assertEquals(56, StoreLayout.SIZE);
    assertEquals(52, StoreLayout.CHECKSUM);
    assertEquals(1, StoredKind.LONG_VECTOR.number);
    assertEquals(9, StoredKind.BYTES_SET.number);
    assertEquals(10, StoredKind.RECORD_VECTOR.number);
    assertEquals(11, StoredKind.RECORD_TABLE.number);
  }

  @ParameterizedTest
  @EnumSource
  void load_saved_hasTheSameContents(Kind kind) throws Exception {
    try (LeakCheck check = new LeakCheck()) {
      Allocator allocator = check.allocator();
      for (int size : new int[] {0, 1, 100, 2000}) {
        byte[] file = save(kind, allocator, size);
        try (AutoCloseable original = kind.make(allocator, size);
            AutoCloseable loaded = load(kind, allocator, file)) {
          assertEquals(kind.contents(original), kind.contents(loaded));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void load_severalInOneFile_followOneAnother(Kind kind) throws Exception {
    try (LeakCheck check = new LeakCheck();
        AutoCloseable first = kind.make(check.allocator(), 10);
        AutoCloseable second = kind.make(check.allocator(), 20);
        FileChannel channel = open()) {
      kind.save(first, channel);
      kind.save(second, channel);
      channel.position(0);
      try (AutoCloseable a = kind.load(check.allocator(), channel);
          AutoCloseable b = kind.load(check.allocator(), channel)) {
        assertEquals(kind.contents(first), kind.contents(a));
        assertEquals(kind.contents(second), kind.contents(b));
      }
      assertEquals(channel.size(), channel.position());
    }
  }

  @ParameterizedTest
  @EnumSource
  void load_cutOffAnywhere_isRefusedWithoutALeak(Kind kind) throws Exception {
    try (LeakCheck check = new LeakCheck()) {
      byte[] file = save(kind, check.allocator(), 10);
      for (int size = 0; size < file.length; size++) {
        byte[] cut = Arrays.copyOf(file, size);
        CorruptFileException refused =
            assertThrows(
                CorruptFileException.class, () -> load(kind, check.allocator(), cut).close());
        assertTrue(refused.getMessage().contains("expected"), refused.getMessage());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void load_oneBitAltered_isRefusedWithoutALeak(Kind kind) throws Exception {
    try (LeakCheck check = new LeakCheck()) {
      byte[] file = save(kind, check.allocator(), 10);
      Random random = new Random(1);
      for (int at = 0; at < file.length; at++) {
        byte[] altered = file.clone();
        altered[at] ^= (byte) (1 << random.nextInt(8));
        assertThrows(
            CorruptFileException.class, () -> load(kind, check.allocator(), altered).close());
      }
    }
  }

  @Test
  void load_anotherKindOrStride_isRefusedByName() throws Exception {
    try (LeakCheck check = new LeakCheck()) {
      byte[] file = save(Kind.LONG_VECTOR, check.allocator(), 3);
      for (Kind kind : Kind.values()) {
        if (kind != Kind.LONG_VECTOR) {
          CorruptFileException refused =
              assertThrows(
                  CorruptFileException.class, () -> load(kind, check.allocator(), file).close());
          assertTrue(refused.getMessage().contains("kind 1"), refused.getMessage());
        }
      }
      byte[] structs = save(Kind.STRUCT_VECTOR, check.allocator(), 3);
      Files.write(directory.resolve("file"), structs);
      try (FileChannel channel = open()) {
        CorruptFileException refused =
            assertThrows(
                CorruptFileException.class,
                () -> StructVector.load(check.allocator(), 12, channel));
        assertTrue(refused.getMessage().contains("stride 13; expected 12"), refused.getMessage());
      }
    }
  }

  /** As large as a label, with the same kinds of components at the same places, but other names. */
  private record Renamed(@FixedLength(6) String name, int count) {}

  /** A label under another name of its class. */
  private record Same(@FixedLength(6) String name, int number) {}

  @Test
  void load_recordsOfAnotherShape_areRefused() throws Exception {
    RecordCodec<Renamed> renamed = RecordCodec.of(MethodHandles.lookup(), Renamed.class);
    RecordCodec<Same> same = RecordCodec.of(MethodHandles.lookup(), Same.class);
    RecordCodec<Everything> everything = Samples.everything();
    try (LeakCheck check = new LeakCheck()) {
      save(Kind.RECORD_VECTOR, check.allocator(), 3);
      try (FileChannel channel = open()) {
        assertThrows(
            CorruptFileException.class, () -> Vector.load(check.allocator(), renamed, channel));
        channel.position(0);
        assertThrows(
            CorruptFileException.class, () -> Vector.load(check.allocator(), everything, channel));
        channel.position(0);
        try (Vector<Same> loaded = Vector.load(check.allocator(), same, channel)) {
          assertEquals(Samples.key(2).name(), loaded.get(2).name());
        }
      }
      save(Kind.RECORD_TABLE, check.allocator(), 3);
      try (FileChannel channel = open()) {
        assertThrows(
            CorruptFileException.class,
            () -> Table.load(check.allocator(), renamed, everything, channel));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void load_eachAllocationFailing_throwsAndLeaksNothing(Kind kind) throws Exception {
    try (LeakCheck check = new LeakCheck()) {
      byte[] file = save(kind, check.allocator(), 30);
      long attempts;
      MockAllocator counting = new MockAllocator(check.allocator());
      load(kind, counting, file).close();
      attempts = counting.attempts();
      for (long n = 1; n <= attempts; n++) {
        MockAllocator mock = new MockAllocator(check.allocator()).failAfter(n);
        assertThrows(AllocationException.class, () -> load(kind, mock, file).close());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void saveAndLoad_channelThatFails_throwUnchecked(Kind kind) throws Exception {
    try (LeakCheck check = new LeakCheck();
        AutoCloseable collection = kind.make(check.allocator(), 3)) {
      FileChannel channel = open();
      channel.close();
      assertThrows(UncheckedIOException.class, () -> kind.save(collection, channel));
      assertThrows(UncheckedIOException.class, () -> kind.load(check.allocator(), channel).close());
    }
  }

  @ParameterizedTest
  @EnumSource
  void save_afterClose_throws(Kind kind) throws Exception {
    try (LeakCheck check = new LeakCheck();
        FileChannel channel = open()) {
      AutoCloseable collection = kind.make(check.allocator(), 3);
      collection.close();
      assertThrows(IllegalStateException.class, () -> kind.save(collection, channel));
      assertEquals(0, channel.size());
    }
  }

  @Test
  void save_twice_givesTheSameBytes() throws Exception {
    try (LeakCheck check = new LeakCheck()) {
      byte[] file = save(Kind.DOUBLE_VECTOR, check.allocator(), 100);
      assertArrayEquals(file, save(Kind.DOUBLE_VECTOR, check.allocator(), 100));
    }
  }
}
