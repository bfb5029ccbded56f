package io.caisson.collections;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.MockAllocator;
import io.caisson.testkit.LeakCheck;
import io.caisson.testkit.OomSweep;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GrowBufferTest {

  @Test
  void append_everyForm_followsTheOneBefore() {
    LeakCheck.run(allocator -> {
      try (GrowBuffer buffer = new GrowBuffer(allocator)) {
        assertTrue(buffer.append("ab".getBytes(UTF_8)));
        assertTrue(buffer.append("xcdx".getBytes(UTF_8), 1, 2));
        assertTrue(buffer.append(MemorySegment.ofArray(new byte[] {'e'})));
        assertTrue(buffer.append(buffer.view()));
        assertTrue(buffer.append(buffer.segment().asSlice(0, 2)));
        assertTrue(buffer.appendByte((byte) '!'));
        assertEquals("abcdeabcdeab!", buffer.view().toString());
        assertEquals('!', buffer.getByte(12));
        assertThrows(IndexOutOfBoundsException.class, () -> buffer.getByte(13));
        assertThrows(IndexOutOfBoundsException.class, () -> buffer.append(new byte[2], 1, 2));
        buffer.clear();
        buffer.appendInt(0x01020304);
        buffer.appendLong(-5);
        assertEquals(0x01020304, buffer.segment().get(ValueLayout.JAVA_INT_UNALIGNED, 0));
        assertEquals(-5, buffer.segment().get(ValueLayout.JAVA_LONG_UNALIGNED, 4));
        assertEquals(12, buffer.byteSize());
      }
    });
  }

  @Test
  void append_beyondTheLimit_answersFalseAndChangesNothing() {
    LeakCheck.run(allocator -> {
      try (GrowBuffer buffer = new GrowBuffer(allocator, 4, 100)) {
        assertEquals(100, buffer.maxByteSize());
        assertTrue(buffer.append(new byte[97]));
        assertFalse(buffer.append(new byte[4]));
        assertFalse(buffer.append(MemorySegment.ofArray(new byte[4])));
        assertFalse(buffer.append(buffer.view()));
        assertFalse(buffer.appendInt(1));
        assertFalse(buffer.appendLong(1));
        assertEquals(97, buffer.byteSize());
        assertTrue(buffer.append(new byte[3]));
        assertFalse(buffer.appendByte((byte) 1));
        assertEquals(100, buffer.capacity()); // growth by half stops at the limit
        assertTrue(buffer.append(new byte[0]));
      }
      assertThrows(IllegalArgumentException.class, () -> new GrowBuffer(allocator, 5, 4));
      assertThrows(IllegalArgumentException.class, () -> new GrowBuffer(allocator, -1, 4));
    });
  }

  @Test
  void clear_thenReuse_allocatesNoMore() {
    LeakCheck.run(allocator -> {
      MockAllocator mock = new MockAllocator(allocator);
      try (GrowBuffer buffer = new GrowBuffer(mock, 1024, Long.MAX_VALUE)) {
        for (int operation = 0; operation < 1000; operation++) {
          buffer.clear();
          buffer.append(new byte[1000]);
          buffer.appendLong(operation);
        }
        assertEquals(1, mock.attempts());
        buffer.clear();
        buffer.trimToSize();
        assertEquals(0, buffer.capacity());
      }
    });
  }

  @Test
  void channels_readAndWrite_passEveryByte() {
    byte[] bytes = new byte[10_000];
    new Random(1).nextBytes(bytes);
    LeakCheck.run(allocator -> {
      try (GrowBuffer buffer = new GrowBuffer(allocator, 0, 10_000)) {
        ReadableByteChannel channel = Channels.newChannel(new ByteArrayInputStream(bytes));
        while (buffer.readFrom(channel, 777) > 0) {
          buffer.checkInvariants();
        }
        assertEquals(0, buffer.readFrom(channel, 1)); // at the limit
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        buffer.writeTo(Channels.newChannel(out));
        buffer.writeTo(out);
        assertEquals(20_000, out.size());
        assertArrayEquals(bytes, Arrays.copyOf(out.toByteArray(), 10_000));
        buffer.clear();
        assertEquals(-1, buffer.readFrom(channel, 1));
        assertThrows(IllegalArgumentException.class, () -> buffer.readFrom(channel, 0));
      }
    });
  }

  @ParameterizedTest
  @EnumSource
  void append_random_agreesWithStream(TestAllocators source) {
    long seed = Long.getLong("caisson.test.seed", System.nanoTime());
    System.out.println("GrowBufferTest over " + source + ": seed " + seed);
    Random random = new Random(seed);
    source.run(allocator -> {
      try (GrowBuffer buffer = new GrowBuffer(allocator)) {
        ByteArrayOutputStream model = new ByteArrayOutputStream();
        for (int i = 0; i < 1000; i++) {
          byte[] bytes = new byte[random.nextInt(50)];
          random.nextBytes(bytes);
          buffer.append(bytes);
          model.writeBytes(bytes);
          if (random.nextInt(100) == 0) {
            buffer.trimToSize();
          }
        }
        assertArrayEquals(model.toByteArray(), buffer.view().toByteArray(), "seed " + seed);
        buffer.checkInvariants();
      }
    });
  }

  @Test
  void everyMethod_afterClose_throws() {
    LeakCheck.run(allocator -> {
      GrowBuffer buffer = new GrowBuffer(allocator);
      buffer.appendInt(1);
      buffer.close();
      buffer.close();
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      List<Runnable> uses =
          List.of(
              () -> buffer.append(new byte[0]),
              () -> buffer.append(new byte[1], 0, 1),
              () -> buffer.append(MemorySegment.ofArray(new byte[1])),
              () -> buffer.append(new StringView(0, 0)),
              () -> buffer.appendByte((byte) 1),
              () -> buffer.appendInt(1),
              () -> buffer.appendLong(1),
              () -> buffer.readFrom(Channels.newChannel(new ByteArrayInputStream(new byte[1])), 1),
              () -> buffer.getByte(0),
              buffer::view,
              buffer::segment,
              () -> buffer.writeTo(out),
              () -> buffer.writeTo(Channels.newChannel(out)),
              buffer::clear,
              buffer::trimToSize,
              buffer::byteSize,
              buffer::capacity);
      for (int i = 0; i < uses.size(); i++) {
        assertThrows(IllegalStateException.class, uses.get(i)::run, "use " + i);
      }
    });
  }

  @Test
  void append_eachAllocationFailing_changesNothing() {
    OomSweep<GrowBuffer> sweep = OomSweep.of(GrowBuffer::new);
    for (int i = 0; i < 40; i++) {
      long value = i;
      sweep
          .absorbingStep("appendLong", buffer -> buffer.appendLong(value))
          .absorbingStep("append", buffer -> buffer.append(new byte[10]))
          .absorbingStep("appendByte", buffer -> buffer.appendByte((byte) value));
    }
    long allocations =
        sweep
            .step("trimToSize", GrowBuffer::trimToSize)
            .contents(buffer -> buffer.view().toByteArray())
            .invariants(GrowBuffer::checkInvariants)
            .run();
    assertTrue(allocations >= 5, "only " + allocations + " allocations were failed");
    LeakCheck.run(allocator -> {
      MockAllocator mock = new MockAllocator(allocator).failAfter(1);
      assertThrows(AllocationException.class, () -> new GrowBuffer(mock, 1, 1));
    });
  }
}
