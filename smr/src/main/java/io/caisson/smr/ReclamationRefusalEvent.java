package io.caisson.smr;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;

@Name("io.caisson.ReclamationRefusal")
@Label("Reclamation Refusal")
@Category({"Caisson", "Reclamation"})
@Description("An operation was refused because the garbage of its domain is at the hard limit")
final class ReclamationRefusalEvent extends Event {

  @Label("Domain")
  String domain;

  @Label("Requested")
  @DataAmount(DataAmount.BYTES)
  long requested;

  @Label("Charged")
  @DataAmount(DataAmount.BYTES)
  long charged;

  @Label("Hard Limit")
  @DataAmount(DataAmount.BYTES)
  long hardLimit;

  ReclamationRefusalEvent(String domain, long requested, long charged, long hardLimit) {
    this.domain = domain;
    this.requested = requested;
    this.charged = charged;
    this.hardLimit = hardLimit;
  }
}
