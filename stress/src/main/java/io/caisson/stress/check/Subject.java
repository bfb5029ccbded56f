package io.caisson.stress.check;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A class whose operations Lincheck runs in every order, and what must come of it.
 *
 * @param type the class
 * @param bug what the report of Lincheck must contain if the class is a canary, or null if it must
 *     find nothing
 * @param cost how many scenarios of others take as long as one of it
 */
record Subject(Class<?> type, @Nullable String bug, int cost) {

  /** Everything that is checked. */
  static final List<Subject> ALL =
      List.of(
          right(CasCounter.class),
          right(SharedPool.class),
          right(Numbers.class),
          new Subject(LongStack.class, null, 2),
          new Subject(LongTable.class, null, 2),
          new Subject(OrderedMap.class, null, 4),
          new Subject(BytesLongTable.class, null, 5),
          new Subject(BytesTable.class, null, 5),
          right(SpscQueue.class),
          right(MpscQueue.class),
          right(MpmcQueue.class),
          right(UnboundedQueue.class),
          right(OneProducerRing.class),
          right(AppendVector.class),
          right(LinkedSet.class),
          new Subject(Intern.class, null, 12),
          canary(
              io.caisson.stress.check.canary.LostUpdateCounter.class, "Invalid execution results"),
          canary(io.caisson.stress.check.canary.FreeingCell.class, "use after free"),
          canary(io.caisson.stress.check.canary.LeakingCell.class, "leaked 1 blocks"),
          canary(io.caisson.stress.check.canary.UntaggedPool.class, "Invalid execution results"));

  private static Subject right(Class<?> type) {
    return new Subject(type, null, 1);
  }

  private static Subject canary(Class<?> type, String bug) {
    return new Subject(type, bug, 1);
  }

  boolean isCanary() {
    return bug != null;
  }

  String name() {
    return type.getSimpleName();
  }
}
