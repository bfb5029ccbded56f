package io.caisson.smr;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

@Name("io.caisson.EpochStall")
@Label("Epoch Stall")
@Category({"Caisson", "Reclamation"})
@Description("A guard that stays open keeps a reclamation domain from freeing what is retired")
@StackTrace(false)
final class EpochStallEvent extends Event {

  @Label("Domain")
  String domain;

  @Label("Slot")
  @Description("The slot of the guard that was seen first, or -1 if it has none")
  int slot;

  @Label("Stalled For")
  @Timespan(Timespan.NANOSECONDS)
  long stalledFor;

  @Label("Garbage")
  @DataAmount(DataAmount.BYTES)
  long garbage;

  EpochStallEvent(String domain, int slot, long stalledFor, long garbage) {
    this.domain = domain;
    this.slot = slot;
    this.stalledFor = stalledFor;
    this.garbage = garbage;
  }
}
