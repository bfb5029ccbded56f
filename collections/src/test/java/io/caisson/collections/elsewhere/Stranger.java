package io.caisson.collections.elsewhere;

import io.caisson.collections.FixedLength;
import io.caisson.collections.RecordCodec;
import java.lang.invoke.MethodHandles;

/** Has records that nobody else can reach; also loaded into another module. */
public final class Stranger {

  private record Trade(long id, Leg leg, @FixedLength(4) String side) {}

  private record Leg(int quantity, double price) {}

  private Stranger() {}

  public static RecordCodec<? extends Record> codec() {
    return RecordCodec.of(MethodHandles.lookup(), Trade.class);
  }

  public static Record trade(long id) {
    return new Trade(id, new Leg((int) id * 3, id / 4.0), id % 2 == 0 ? "buy" : "sell");
  }
}
