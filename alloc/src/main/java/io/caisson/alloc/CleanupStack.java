package io.caisson.alloc;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Collects what must be undone and undoes it in reverse order: the one exit of a method that
 * acquires several things, any of which may fail.
 *
 * <pre>{@code
 * try (CleanupStack cleanup = new CleanupStack()) {
 *   OwnedBlock header = cleanup.register(OwnedBlock.allocate(allocator, 64, 64));
 *   LongVector body = cleanup.register(new LongVector(allocator, 1000));
 *   Message message = new Message(header, body);
 *   cleanup.dismiss();              // all went well: the message owns both
 *   return message;
 * }
 * }</pre>
 *
 * <p>Whatever is passed to a method that registers is cleaned up exactly once, or dismissed: if it
 * cannot be registered it is cleaned up at once. Every clean-up runs, whatever others throw; the
 * first exception is thrown in the end, with the later ones suppressed in it.
 *
 * <p>Belongs to one thread at a time. Registering is amortized O(1).
 */
public final class CleanupStack implements AutoCloseable {

  /*
   * Purpose. To lose nothing, even when the Java heap is exhausted. So an entry is the first thing
   * that is allocated for a resource, inside the try that cleans up when it fails; and the list is
   * an ArrayList, which grows before it changes, where an ArrayDeque whose growth fails forgets
   * what it held.
   */

  /** Something to clean up, and how. */
  record Entry<R>(R resource, Consumer<? super R> cleanup) {}

  private final List<Entry<?>> entries;
  private boolean closed;

  /** Creates an empty stack. */
  public CleanupStack() {
    this(new ArrayList<>());
  }

  /** Creates a stack on an empty list, which a test makes fail. */
  CleanupStack(List<Entry<?>> entries) {
    this.entries = entries;
  }

  /**
   * Registers a resource, to be closed.
   *
   * @param <R> its type
   * @param resource the resource, owned by this stack until it is dismissed
   * @return the resource, valid until this stack is closed
   * @throws IllegalStateException if the stack is closed; the resource then is closed too
   */
  @Borrowed
  public <R extends AutoCloseable> R register(@Owned R resource) {
    push(resource, CleanupStack::close);
    return resource;
  }

  /**
   * Registers a resource with what cleans it up.
   *
   * @param <R> its type
   * @param resource the resource, owned by this stack until it is dismissed
   * @param cleanup what frees it; called once
   * @return the resource, valid until this stack is closed
   * @throws IllegalStateException if the stack is closed; the resource then is cleaned up
   */
  @Borrowed
  public <R> R register(@Owned R resource, Consumer<? super R> cleanup) {
    push(resource, cleanup);
    return resource;
  }

  /**
   * Registers an action, to be run.
   *
   * @param cleanup what undoes something; called once
   * @throws IllegalStateException if the stack is closed; the action then has run
   */
  public void defer(Runnable cleanup) {
    push(cleanup, Runnable::run);
  }

  private <R> void push(R resource, Consumer<? super R> cleanup) {
    try {
      if (closed) {
        throw new IllegalStateException(
            "the stack is closed; expected an open one, and cleaned up what was registered");
      }
      entries.add(new Entry<>(resource, cleanup));
    } catch (RuntimeException | Error e) {
      run(resource, cleanup, e);
      throw e;
    }
  }

  /** Cleans up, and returns the first exception so far, if any, with the others suppressed. */
  private static <R> @Nullable Throwable run(
      R resource, Consumer<? super R> cleanup, @Nullable Throwable first) {
    try {
      cleanup.accept(resource);
      return first;
    } catch (Throwable t) {
      if (first == null) {
        return t;
      }
      if (t != first) {
        first.addSuppressed(t);
      }
      return first;
    }
  }

  private static <R> @Nullable Throwable run(Entry<R> entry, @Nullable Throwable first) {
    return run(entry.resource, entry.cleanup, first);
  }

  private static void close(AutoCloseable resource) {
    try {
      resource.close();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      throw new IllegalStateException("closing " + resource.getClass().getName() + " failed", e);
    }
  }

  /**
   * Gives up everything that is registered, without cleaning up: it has another owner now. The
   * stack stays open.
   */
  public void dismiss() {
    entries.clear();
  }

  /**
   * Cleans up everything that is registered, the last first. Closing again does nothing.
   *
   * <p>Throws the first exception that a clean-up throws, after all have run; a checked one comes
   * as the cause of an {@link IllegalStateException}. Later ones are suppressed in it, in the order
   * in which they were thrown.
   *
   * @throws IllegalStateException if a resource cannot be closed
   */
  @Override
  public void close() {
    closed = true;
    Throwable first = null;
    while (!entries.isEmpty()) {
      first = run(entries.removeLast(), first);
    }
    if (first instanceof RuntimeException e) {
      throw e;
    }
    if (first instanceof Error e) {
      throw e;
    }
    if (first != null) {
      throw new IllegalStateException("a clean-up failed", first);
    }
  }

  @Override
  public String toString() {
    return "CleanupStack(" + (closed ? "closed" : entries.size() + " clean-ups") + ")";
  }
}
