package io.caisson.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.CleanupStack;
import io.caisson.alloc.OwnedBlock;
import io.caisson.alloc.RefCounted;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Fails each allocation of an object that is built from several blocks. */
class OwnershipOomTest {

  /** A message of an own header and a body that others share. */
  private record Message(OwnedBlock header, RefCounted<OwnedBlock> body) {
    static Message create(Allocator allocator, long byteSize) {
      try (CleanupStack cleanup = new CleanupStack()) {
        OwnedBlock header = cleanup.register(OwnedBlock.allocate(allocator, 32, 8));
        RefCounted<OwnedBlock> body =
            cleanup.register(
                RefCounted.of(OwnedBlock.allocateZeroed(allocator, byteSize, 64)),
                RefCounted::release);
        cleanup.register(OwnedBlock.allocate(allocator, 128, 8).transfer()).close();
        Message message = new Message(header, body);
        cleanup.dismiss();
        return message;
      }
    }

    void destroy() {
      header.close();
      body.release();
    }
  }

  /** Owns messages. */
  private static final class Mailbox implements AutoCloseable {
    private final Allocator allocator;
    private final List<Message> messages = new ArrayList<>();

    Mailbox(Allocator allocator) {
      this.allocator = allocator;
    }

    void receive(int number) {
      messages.add(Message.create(allocator, 100 + number));
    }

    List<Long> sizes() {
      return messages.stream().map(message -> message.body.get().byteSize()).toList();
    }

    @Override
    public void close() {
      messages.forEach(Message::destroy);
    }
  }

  @Test
  void create_eachAllocationFailing_leaksNothing() {
    long allocations =
        OomSweep.of(Mailbox::new)
            .steps(4, "receive", Mailbox::receive)
            .contents(Mailbox::sizes)
            .run();
    assertEquals(12, allocations);
  }
}
