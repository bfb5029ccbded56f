package io.caisson.smr;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.NullMarked;

/** Reads the epoch of a domain, which only its statistics tell, and these take long. */
@NullMarked
public final class Epochs {

  /** The epoch of a closed domain. */
  public static final long CLOSED = SharedWords.CLOSED;

  private static final VarHandle WORDS = wordsOfDomains();

  private Epochs() {}

  private static VarHandle wordsOfDomains() {
    try {
      return MethodHandles.privateLookupIn(ReclamationDomain.class, MethodHandles.lookup())
          .findVarHandle(ReclamationDomain.class, "words", SharedWords.class);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("the words of a domain", e);
    }
  }

  /** Returns the epoch. */
  public static long of(ReclamationDomain domain) {
    return ((SharedWords) WORDS.get(domain)).epochVolatile();
  }

  /** Returns the bytes charged. */
  public static long charged(ReclamationDomain domain) {
    return ((SharedWords) WORDS.get(domain)).charged();
  }
}
