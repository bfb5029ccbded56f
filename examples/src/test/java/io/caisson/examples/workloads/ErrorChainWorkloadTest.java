package io.caisson.examples.workloads;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.collections.GrowBuffer;
import io.caisson.collections.StringView;
import io.caisson.collections.StructLinkedList;
import io.caisson.testkit.LeakCheck;
import io.caisson.testkit.OomSweep;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A request whose errors lie in its own arena, cause under cause: no error path cleans up. */
class ErrorChainWorkloadTest {

  private static final int BAD_SYNTAX = 1;
  private static final int BAD_FILE = 2;
  private static final int NOT_LOADED = 3;

  /** Errors, the outermost first, each of which was caused by the next. */
  private static final class ErrorChain {
    private static final long CODE = 0;
    private static final long BYTE_SIZE = 4;
    private static final long BYTE_OFFSET = 8;
    private static final long STRIDE = 16;

    private final StructLinkedList links;
    private final GrowBuffer messages;

    ErrorChain(Allocator arena) {
      links = new StructLinkedList(arena, STRIDE);
      messages = new GrowBuffer(arena);
    }

    /** Adds what the errors so far have led to, and returns false, for the caller to return. */
    boolean failed(int code, String message) {
      byte[] bytes = message.getBytes(UTF_8);
      long byteOffset = messages.byteSize();
      messages.append(bytes);
      long link = links.addFirst();
      links.setInt(link, CODE, code);
      links.setInt(link, BYTE_SIZE, bytes.length);
      links.setLong(link, BYTE_OFFSET, byteOffset);
      return false;
    }

    List<String> texts() {
      List<String> texts = new ArrayList<>();
      links.forEachHandle(link -> {
        long from = links.getLong(link, BYTE_OFFSET);
        StringView message = messages.view().subView(from, from + links.getInt(link, BYTE_SIZE));
        texts.add(links.getInt(link, CODE) + ": " + message);
      });
      return texts;
    }
  }

  /**
   * Loads settings; whatever it allocates goes with the arena, when it fails as when it does not.
   */
  private static final class Request implements AutoCloseable {
    private final ArenaAllocator arena;
    private final ErrorChain errors;

    Request(Allocator allocator) {
      arena = new ArenaAllocator(allocator, "request", 128);
      errors = new ErrorChain(arena);
    }

    boolean load(String name, String text) {
      return read(name, text) || errors.failed(NOT_LOADED, "'" + name + "' is not loaded");
    }

    private boolean read(String name, String text) {
      arena.asSegmentAllocator().allocateFrom(name + text);
      return parse(text) || errors.failed(BAD_FILE, "line 1 of '" + name + "' is no setting");
    }

    private boolean parse(String line) {
      arena.asSegmentAllocator().allocateFrom(line);
      return line.contains("=") || errors.failed(BAD_SYNTAX, "'" + line + "' has no '='");
    }

    @Override
    public void close() {
      arena.close();
    }
  }

  @Test
  void chain_requestFails_saysWhyFromTheOutsideIn() {
    LeakCheck.run(allocator -> {
      try (Request request = new Request(allocator)) {
        assertTrue(request.load("good", "colour=blue"));
        assertEquals(List.of(), request.errors.texts());
        assertFalse(request.load("bad", "colour blue"));
        assertEquals(
            List.of(
                "3: 'bad' is not loaded",
                "2: line 1 of 'bad' is no setting",
                "1: 'colour blue' has no '='"),
            request.errors.texts());
      }
    });
  }

  @Test
  void chain_eachAllocationFailing_keepsTheErrorsBefore() {
    OomSweep<Request> sweep = OomSweep.of(Request::new).contents(request -> request.errors.texts());
    for (int i = 0; i < 40; i++) {
      int code = i;
      sweep.absorbingStep(
          "failed", request -> request.errors.failed(code, "caused by error " + (code - 1)));
    }
    assertTrue(sweep.run() > 3);
  }
}
