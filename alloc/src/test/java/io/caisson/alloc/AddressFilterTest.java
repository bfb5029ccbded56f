package io.caisson.alloc;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AddressFilterTest {

  @Test
  void mayHave_randomAddsAndRemoves_neverDeniesAMember() {
    long seed = System.nanoTime();
    System.out.println("AddressFilter: seed " + seed);
    Random random = new Random(seed);
    AddressFilter filter = new AddressFilter();
    Set<Long> members = new HashSet<>();
    for (int i = 0; i < 100_000; i++) {
      long address = 0x7f00_0000_0000L + 16L * random.nextInt(20_000);
      if (members.add(address)) {
        filter.add(address);
      } else {
        members.remove(address);
        filter.remove(address);
      }
      long other = 0x7f00_0000_0000L + 16L * random.nextInt(20_000);
      assertTrue(filter.mayHave(other) || !members.contains(other), "seed " + seed);
    }
    members.forEach(filter::remove);
    for (long address = 0; address < 1 << 20; address += 16) {
      assertFalse(filter.mayHave(address), "seed " + seed);
    }
  }

  @Test
  void mayHave_aHundredMembers_deniesMostOthers() {
    AddressFilter filter = new AddressFilter();
    for (long address = 0; address < 1600; address += 16) {
      filter.add(address);
    }
    int denied = 0;
    for (long address = 1600; address < 17_600; address += 16) {
      denied += filter.mayHave(address) ? 0 : 1;
    }
    assertTrue(denied > 900, denied + " of 1000");
  }
}
