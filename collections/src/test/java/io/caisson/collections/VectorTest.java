package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.Allocator;
import io.caisson.collections.Samples.Everything;
import io.caisson.collections.Samples.Label;
import io.caisson.collections.Samples.Point;
import io.caisson.testkit.LeakCheck;
import io.caisson.testkit.OomSweep;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.ConcurrentModificationException;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class VectorTest {

  private static final RecordCodec<Everything> EVERYTHING = Samples.everything();
  private static final RecordCodec<Label> KEY = Samples.key();

  private static long seed() {
    long seed = Long.getLong("caisson.test.seed", System.nanoTime());
    System.out.println("VectorTest: seed " + seed);
    return seed;
  }

  private static List<Everything> samples(Random random, int count) {
    List<Everything> samples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      samples.add(Samples.everything(random));
    }
    return samples;
  }

  @ParameterizedTest
  @EnumSource
  void operations_random_agreeWithArrayList(TestAllocators source) {
    long seed = seed();
    source.run(allocator -> runRandom(new Random(seed), allocator, "seed " + seed));
  }

  private static void runRandom(Random random, Allocator allocator, String message) {
    List<Everything> model = new ArrayList<>();
    try (Vector<Everything> vector = new Vector<>(allocator, EVERYTHING)) {
      for (int i = 0; i < 3000; i++) {
        Everything record = Samples.everything(random);
        int index = random.nextInt(model.size() + 1);
        boolean isThere = index < model.size();
        switch (random.nextInt(12)) {
          case 0 -> vector.trimToSize();
          case 1 -> {
            vector.insert(index, record);
            model.add(index, record);
          }
          case 2 -> {
            if (isThere) {
              vector.remove(index);
              model.remove(index);
            }
          }
          case 3 -> {
            if (isThere) {
              vector.swapRemove(index);
              Everything last = model.removeLast();
              if (index < model.size()) {
                model.set(index, last);
              }
            }
          }
          case 4, 5, 6 -> {
            if (isThere) {
              assertEquals(model.get(index), vector.get(index), message);
              vector.set(index, record);
              model.set(index, record);
            }
          }
          default -> {
            assertEquals(model.size(), vector.add(record), message);
            model.add(record);
          }
        }
        vector.checkInvariants();
      }
      assertEquals(model, vector.asList(), message);
      int met = 0;
      for (Everything record : vector) {
        assertEquals(model.get(met++), record, message);
      }
      assertEquals(model.size(), met);
    }
  }

  @Test
  void cursor_everyKindOfField_readsAndWritesInPlace() {
    long seed = seed();
    LongField<Everything> number = EVERYTHING.longField("number");
    DoubleField<Everything> x = EVERYTHING.doubleField("at.x");
    DoubleField<Everything> y = EVERYTHING.doubleField("at.y");
    TextField<Everything> name = EVERYTHING.textField("name");
    LeakCheck.run(allocator -> {
      try (Vector<Everything> vector = new Vector<>(allocator, EVERYTHING)) {
        List<Everything> model = samples(new Random(seed), 50);
        model.forEach(vector::add);
        Vector<Everything>.Cursor cursor = vector.cursor();
        assertEquals(-1, cursor.index());
        assertThrows(IndexOutOfBoundsException.class, () -> number.get(cursor));
        for (Everything record : model) {
          assertTrue(cursor.next());
          assertEquals(record, cursor.get());
          assertEquals(record.number(), number.get(cursor));
          assertEquals(record.at().x(), x.get(cursor));
          assertEquals(record.at().y(), (float) y.get(cursor));
          assertEquals(record.name(), name.get(cursor).toString());
          number.set(cursor, cursor.index());
          x.set(cursor, Samples.ODD_NAN);
          y.set(cursor, 0.1);
          name.set(cursor, "n" + cursor.index());
        }
        assertFalse(cursor.next());
        for (int i = 0; i < 50; i++) {
          Everything old = model.get(i);
          Everything expected =
              new Everything(
                  old.flag(),
                  old.id(),
                  old.tiny(),
                  old.small(),
                  old.letter(),
                  i,
                  new Point(Double.NaN, 0.1f),
                  old.ratio(),
                  old.price(),
                  "n" + i);
          assertEquals(expected, vector.get(i));
          vector.add(expected);
          long size = EVERYTHING.byteSize();
          assertEquals(
              -1,
              vector
                  .asSlice()
                  .segment()
                  .asSlice(i * size, size)
                  .mismatch(vector.asSlice().segment().asSlice((50 + i) * size, size)),
              "written in place it has other bytes than written as a whole");
        }
        cursor.moveTo(3);
        assertEquals(3, number.get(cursor));
        assertThrows(IndexOutOfBoundsException.class, () -> cursor.moveTo(100));
        assertEquals(3, cursor.index());
        vector.clear();
        assertThrows(IndexOutOfBoundsException.class, cursor::get);
      }
    });
  }

  @Test
  void longField_eachInteger_keepsItsBounds() {
    LeakCheck.run(allocator -> {
      try (Vector<Everything> vector = new Vector<>(allocator, EVERYTHING)) {
        vector.add(Samples.everything(new Random(1)));
        Vector<Everything>.Cursor cursor = vector.cursor();
        cursor.next();
        bounds(cursor, "flag", 0, 1);
        bounds(cursor, "tiny", Byte.MIN_VALUE, Byte.MAX_VALUE);
        bounds(cursor, "small", Short.MIN_VALUE, Short.MAX_VALUE);
        bounds(cursor, "letter", 0, Character.MAX_VALUE);
        bounds(cursor, "number", Integer.MIN_VALUE, Integer.MAX_VALUE);
        LongField<Everything> id = EVERYTHING.longField("id");
        id.set(cursor, Long.MIN_VALUE);
        assertEquals(Long.MIN_VALUE, vector.get(0).id());
        Everything record = vector.get(0);
        assertTrue(record.flag());
        assertEquals(Byte.MAX_VALUE, record.tiny());
        assertEquals(Short.MAX_VALUE, record.small());
        assertEquals(Character.MAX_VALUE, record.letter());
      }
    });
  }

  private static void bounds(Vector<Everything>.Cursor cursor, String name, long least, long most) {
    LongField<Everything> field = EVERYTHING.longField(name);
    field.set(cursor, least);
    assertEquals(least, field.get(cursor));
    field.set(cursor, most);
    assertEquals(most, field.get(cursor));
    assertThrows(IllegalArgumentException.class, () -> field.set(cursor, least - 1));
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> field.set(cursor, most + 1));
    assertTrue(e.getMessage().contains("Everything." + name), e.getMessage());
    assertEquals(most, field.get(cursor));
  }

  @Test
  void field_badNameOrKind_throws() {
    for (String name : List.of("none", "", "at.z", "at.", "id.x", ".id")) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> EVERYTHING.longField(name), name);
      assertTrue(e.getMessage().contains("expected one of"), e.getMessage());
    }
    for (String name : List.of("at", "price", "name")) {
      assertThrows(IllegalArgumentException.class, () -> EVERYTHING.longField(name), name);
    }
    assertThrows(IllegalArgumentException.class, () -> EVERYTHING.doubleField("id"));
    assertThrows(IllegalArgumentException.class, () -> EVERYTHING.textField("price"));
    assertEquals("at.x", EVERYTHING.doubleField("at.x").name());
  }

  @Test
  @SuppressWarnings({"unchecked", "rawtypes"})
  void field_ofAnotherRecord_throws() {
    LeakCheck.run(allocator -> {
      try (Vector<Label> vector = new Vector<>(allocator, KEY)) {
        vector.add(Samples.key(1));
        Vector<Label>.Cursor cursor = vector.cursor();
        cursor.next();
        LongField raw = EVERYTHING.longField("id");
        assertThrows(IllegalArgumentException.class, () -> raw.get(cursor));
        assertThrows(IllegalArgumentException.class, () -> raw.set(cursor, 1));
        assertThrows(IllegalArgumentException.class, () -> vector.sort(raw));
        assertEquals(Samples.key(1), Samples.key().decode(vector.asSlice().segment()));
      }
    });
  }

  @SuppressWarnings("ArrayRecordComponent") // what is tested
  private record Digest(int number, @FixedLength(5) byte[] bytes) {}

  @Test
  void bytesField_inPlace_readsWritesAndSorts() {
    RecordCodec<Digest> codec = RecordCodec.of(MethodHandles.lookup(), Digest.class);
    BytesField<Digest> bytes = codec.bytesField("bytes");
    assertEquals(5, bytes.length());
    assertThrows(IllegalArgumentException.class, () -> codec.bytesField("number"));
    LeakCheck.run(allocator -> {
      try (Vector<Digest> vector = new Vector<>(allocator, codec)) {
        vector.add(new Digest(1, new byte[] {0, 1, 2, 3, -1}));
        vector.add(new Digest(2, new byte[] {0, 1, 2, 3, 4}));
        Vector<Digest>.Cursor cursor = vector.cursor();
        assertThrows(IndexOutOfBoundsException.class, () -> bytes.get(cursor));
        assertTrue(cursor.next());
        assertEquals(5, bytes.get(cursor).byteSize());
        assertEquals(-1, bytes.get(cursor).byteAt(4));
        for (int bad : new int[] {0, 4, 6}) {
          assertThrows(IllegalArgumentException.class, () -> bytes.set(cursor, new byte[bad]));
        }
        assertEquals(-1, vector.get(0).bytes()[4]);
        bytes.set(cursor, new byte[] {9, 9, 9, 9, -2});
        assertArrayEquals(new byte[] {9, 9, 9, 9, -2}, vector.get(0).bytes());
        vector.sort(bytes);
        assertEquals(2, vector.get(0).number());
        assertEquals(1, vector.get(1).number());
      }
    });
  }

  @Test
  void textField_badText_throwsAndChangesNothing() {
    TextField<Label> name = KEY.textField("name");
    LeakCheck.run(allocator -> {
      try (Vector<Label> vector = new Vector<>(allocator, KEY)) {
        vector.add(Samples.key(1));
        Vector<Label>.Cursor cursor = vector.cursor();
        cursor.next();
        for (String bad : List.of("sevens!", "a\0", "\uDC00")) {
          assertThrows(IllegalArgumentException.class, () -> name.set(cursor, bad));
        }
        assertEquals(Samples.key(1), vector.get(0));
      }
    });
  }

  @Test
  void sort_eachKindOfField_orders() {
    long seed = seed();
    LeakCheck.run(allocator -> {
      List<Everything> model = samples(new Random(seed), 300);
      sorted(
          allocator, model, EVERYTHING.longField("id"), Comparator.comparingLong(Everything::id));
      sorted(
          allocator,
          model,
          EVERYTHING.longField("letter"),
          Comparator.comparingInt(Everything::letter));
      sorted(
          allocator, model, EVERYTHING.longField("flag"), Comparator.comparing(Everything::flag));
      sorted(
          allocator,
          model,
          EVERYTHING.doubleField("price"),
          Comparator.comparingDouble(Everything::price));
      sorted(
          allocator,
          model,
          EVERYTHING.doubleField("at.y"),
          Comparator.comparingDouble(record -> record.at().y()));
      sorted(
          allocator,
          model,
          EVERYTHING.textField("name"),
          Comparator.comparing(record -> record.name().codePoints().toArray(), VectorTest::order));
    });
  }

  private static int order(int[] first, int[] second) {
    return Arrays.compare(first, second);
  }

  private static void sorted(
      Allocator allocator,
      List<Everything> model,
      RecordField<Everything> field,
      Comparator<Everything> order) {
    try (Vector<Everything> vector = new Vector<>(allocator, EVERYTHING)) {
      model.forEach(vector::add);
      vector.sort(field);
      for (int i = 1; i < model.size(); i++) {
        assertTrue(order.compare(vector.get(i - 1), vector.get(i)) <= 0, field + " at " + i);
      }
      List<Everything> byHash = new ArrayList<>(model);
      byHash.sort(Comparator.comparingLong(Everything::id));
      vector.sort(Comparator.comparingLong(Everything::id));
      assertEquals(byHash, vector.asList());
    }
  }

  @Test
  void addAndInsertAndSet_badRecord_changeNothing() {
    Label bad = new Label("much too long", 1);
    LeakCheck.run(allocator -> {
      try (Vector<Label> vector = new Vector<>(allocator, KEY)) {
        for (int i = 0; i < 10; i++) {
          vector.add(Samples.key(i));
        }
        List<Label> before = List.copyOf(vector.asList());
        assertThrows(IllegalArgumentException.class, () -> vector.add(bad));
        assertThrows(IllegalArgumentException.class, () -> vector.insert(3, bad));
        assertThrows(IllegalArgumentException.class, () -> vector.set(3, bad));
        assertThrows(NullPointerException.class, () -> vector.add(null));
        assertThrows(IndexOutOfBoundsException.class, () -> vector.get(10));
        assertThrows(IndexOutOfBoundsException.class, () -> vector.set(-1, Samples.key(1)));
        assertThrows(IndexOutOfBoundsException.class, () -> vector.insert(11, Samples.key(1)));
        assertEquals(before, vector.asList());
        vector.checkInvariants();
      }
    });
  }

  @Test
  void asList_changes_goThrough() {
    LeakCheck.run(allocator -> {
      try (Vector<Label> vector = new Vector<>(allocator, KEY)) {
        List<Label> list = vector.asList();
        for (int i = 0; i < 5; i++) {
          list.add(0, Samples.key(i));
        }
        assertEquals(Samples.key(4), list.set(0, Samples.key(9)));
        assertEquals(Samples.key(3), list.remove(1));
        assertEquals(List.of(Samples.key(9), Samples.key(2), Samples.key(1), Samples.key(0)), list);
        assertTrue(list.contains(Samples.key(2)));
        assertEquals(4, vector.size());
      }
    });
  }

  @Test
  void iterator_vectorChanges_throws() {
    LeakCheck.run(allocator -> {
      try (Vector<Label> vector = new Vector<>(allocator, KEY)) {
        vector.add(Samples.key(1));
        Iterator<Label> iterator = vector.iterator();
        assertEquals(Samples.key(1), iterator.next());
        assertThrows(NoSuchElementException.class, iterator::next);
        vector.add(Samples.key(2));
        assertThrows(ConcurrentModificationException.class, iterator::hasNext);
        assertThrows(ConcurrentModificationException.class, iterator::next);
      }
    });
  }

  @Test
  void close_everyMethod_thenThrows() {
    LeakCheck.run(allocator -> {
      LongField<Label> number = KEY.longField("number");
      Vector<Label> vector = new Vector<>(allocator, KEY);
      Label key = Samples.key(1);
      vector.add(key);
      Vector<Label>.Cursor cursor = vector.cursor();
      cursor.next();
      vector.close();
      vector.close();
      List<Runnable> uses =
          List.of(
              () -> vector.add(key),
              () -> vector.insert(0, key),
              () -> vector.get(0),
              () -> vector.set(0, key),
              vector::cursor,
              () -> number.get(cursor),
              () -> number.set(cursor, 1),
              cursor::get,
              cursor::next,
              () -> cursor.moveTo(0),
              () -> vector.sort(number),
              () -> vector.sort(Comparator.comparing(Label::name)),
              vector::asList,
              () -> vector.remove(0),
              () -> vector.swapRemove(0),
              vector::removeLast,
              vector::clear,
              () -> vector.reserve(1),
              vector::trimToSize,
              vector::size,
              vector::capacity,
              vector::isEmpty,
              vector::asSlice);
      for (int i = 0; i < uses.size(); i++) {
        assertThrows(IllegalStateException.class, uses.get(i)::run, "use " + i);
      }
      assertThrows(IllegalStateException.class, vector::iterator);
    });
  }

  @Test
  void everyOperation_failingAllocations_leavesTheVectorUnchanged() {
    OomSweep<Vector<Label>> sweep = OomSweep.of(allocator -> new Vector<>(allocator, KEY));
    for (int i = 0; i < 100; i++) {
      Label key = Samples.key(i);
      sweep.absorbingStep("add #" + i, vector -> vector.add(key));
    }
    long allocations =
        sweep
            .absorbingStep("insert", vector -> vector.insert(0, Samples.key(1000)))
            .absorbingStep("reserve", vector -> vector.reserve(1000))
            .step("trimToSize", Vector::trimToSize)
            .step("sort", vector -> vector.sort(KEY.longField("number")))
            .contents(vector -> List.copyOf(vector.asList()))
            .invariants(Vector::checkInvariants)
            .run();
    assertTrue(allocations >= 5, "only " + allocations + " allocations were failed");
  }
}
