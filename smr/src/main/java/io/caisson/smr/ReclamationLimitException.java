package io.caisson.smr;

/**
 * Thrown by an operation that may retire blocks when the garbage of its domain is at the hard limit
 * and did not shrink; nothing has changed.
 */
public final class ReclamationLimitException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String domain;
  private final long byteSize;
  private final long charged;
  private final long hardLimit;

  /**
   * Creates an exception about one refusal.
   *
   * @param domain the name of the domain
   * @param byteSize the bytes that the operation asked for
   * @param charged the bytes in limbo or reserved when it was refused
   * @param hardLimit the most bytes in limbo or reserved
   * @param why what kept the garbage from being freed, for people
   */
  public ReclamationLimitException(
      String domain, long byteSize, long charged, long hardLimit, String why) {
    super(
        "domain '"
            + domain
            + "' has no room for "
            + byteSize
            + " bytes of garbage; "
            + charged
            + " of "
            + hardLimit
            + " bytes are in limbo or reserved; "
            + why);
    this.domain = domain;
    this.byteSize = byteSize;
    this.charged = charged;
    this.hardLimit = hardLimit;
  }

  /**
   * Returns who refused.
   *
   * @return the name of the domain
   */
  public String domain() {
    return domain;
  }

  /**
   * Returns what was asked for.
   *
   * @return the bytes
   */
  public long byteSize() {
    return byteSize;
  }

  /**
   * Returns what was charged at the refusal.
   *
   * @return the bytes in limbo or reserved
   */
  public long charged() {
    return charged;
  }

  /**
   * Returns the limit.
   *
   * @return the most bytes in limbo or reserved
   */
  public long hardLimit() {
    return hardLimit;
  }
}
