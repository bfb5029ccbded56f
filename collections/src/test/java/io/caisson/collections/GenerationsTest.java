package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.MockAllocator;
import io.caisson.alloc.internal.Memory;
import io.caisson.smr.Guard;
import io.caisson.smr.LimitPolicy;
import io.caisson.smr.ReclamationDomain;
import io.caisson.smr.ReclamationLimitException;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Cells here are words; what is moved is only counted. */
class GenerationsTest {

  private static final TableShape TINY = new TableShape(8, 256, 8);
  private static final long BANK_SIZE = 8 * 256;

  private AccountedAllocator allocator;
  private ReclamationDomain domain;
  private Generations generations;
  private int movedCells;
  private boolean exhausted;

  @BeforeEach
  void open() {
    allocator = Allocators.system();
    domain =
        ReclamationDomain.builder()
            .slots(4)
            .bagCapacity(1)
            .hardLimit(2 * BANK_SIZE, LimitPolicy.fail())
            .build();
    generations = new Generations("Test", allocator, domain, TINY, this::move);
  }

  @AfterEach
  void close() {
    generations.close();
    domain.close();
    assertEquals(0, allocator.stats().liveBytes());
    allocator.close();
  }

  private void move(Generation from, long bank, int first, int end) {
    if (exhausted) {
      throw allocator.failure(1, 1);
    }
    for (int cell = first; cell < end; cell++) {
      assertEquals(0, Memory.getLong(bank + cell * 8L), "moved twice");
      Memory.putLong(bank + cell * 8L, 1);
      movedCells++;
    }
  }

  /** Makes a generation of so many banks the current one, and allocates the banks. */
  private Generation moveTo(int banks) {
    Generation next = generations.grow(current(), banks * 100L);
    assertEquals(banks, next.banks);
    help(100);
    assertSame(next, current());
    for (int bank = 0; bank < banks; bank++) {
      assertTrue(generations.bankToInsert(next, bank) > 0);
      for (int i = 0; i < 129; i++) {
        next.use(bank);
      }
    }
    return next;
  }

  private Generation current() {
    try (Guard guard = domain.pin()) {
      return generations.current(guard);
    }
  }

  /** Each time under a guard of its own, so that what was handed over is freed. */
  private void help(int times) {
    for (int i = 0; i < times; i++) {
      try (Guard guard = domain.pin()) {
        generations.help(guard);
      }
    }
  }

  @Test
  void shape_capacity_isAPowerOfTwo() {
    assertEquals(8, TINY.capacityOf(0));
    assertEquals(8, TINY.capacityOf(8));
    assertEquals(16, TINY.capacityOf(9));
    assertEquals(1024, TINY.capacityOf(1024));
    assertEquals(4096, TableShape.ofCells(16).bankCells());
    assertThrows(IllegalArgumentException.class, () -> new TableShape(8, 4, 8));
    assertThrows(IllegalArgumentException.class, () -> new TableShape(12, 4, 4));
  }

  @Test
  void generation_hash_isSpreadOverItsBanks() {
    Generation one = new Generation(TINY, 8);
    assertEquals(7, one.cellMask);
    assertEquals(0, one.bankOf(-1));
    Generation four = new Generation(TINY, 1024);
    assertEquals(4, four.banks);
    assertEquals(255, four.cellMask);
    assertEquals(0, four.bankOf(1));
    assertEquals(1, four.bankOf(1L << 62));
    assertEquals(3, four.bankOf(-1));
  }

  @Test
  void claimChunk_untilNoneIsLeft_givesEachOnce() {
    Generation generation = new Generation(TINY, 1024);
    Set<Integer> chunks = new HashSet<>();
    int chunk;
    while ((chunk = generation.claimChunk()) != Generation.NONE) {
      assertTrue(chunks.add(chunk));
    }
    assertEquals(16, chunks.size());
    int first = chunks.iterator().next();
    generation.giveBack(first);
    assertEquals(first, generation.claimChunk());
    assertEquals(Generation.NONE, generation.claimChunk());
    generation.giveBack(first);
    int bank = Generation.bankOfChunk(first);
    assertEquals(first, generation.claimChunkOf(bank, generation.endOf(first) - 1));
    assertEquals(Generation.NONE, generation.claimChunkOf(bank, generation.firstOf(first)));
    assertEquals(Generation.NONE, generation.claimChunk());
  }

  @Test
  void complete_ofTheLastChunkOfABank_saysSo() {
    Generation generation = new Generation(TINY, 512);
    for (int i = 0; i < 4; i++) {
      assertFalse(generation.isComplete(0));
      assertEquals(i == 3, generation.complete(generation.claimChunk()));
    }
    assertTrue(generation.isComplete(0));
    assertFalse(generation.isComplete(1));
  }

  @Test
  void help_untilAllIsMoved_movesEachCellOnceAndFreesTheBanks() {
    moveTo(4);
    movedCells = 0;
    moveTo(8);
    assertEquals(1024, movedCells);
    generations.checkInvariants();
    assertTrue(domain.drain());
    assertEquals(8, allocator.stats().liveBlocks());
  }

  @Test
  void bankToInsert_ofAMissingBankThatIsMoved_isNever() {
    Generation first = current();
    generations.grow(first, 0);
    assertEquals(Generation.NEVER, generations.bankToInsert(first, 0));
    help(1);
    assertTrue(first.isMoved());
    assertSame(first.next(), current());
    help(1);
    assertEquals(0, movedCells);
  }

  @Test
  void help_exhausted_givesTheChunkBack() {
    Generation four = moveTo(4);
    Generation eight = generations.grow(four, 800);
    exhausted = true;
    help(1);
    assertThrows(AllocationException.class, () -> generations.moveChunkOf(four, 2, 70));
    exhausted = false;
    assertTrue(generations.moveChunkOf(four, 2, 70));
    assertFalse(generations.moveChunkOf(four, 2, 127));
    help(20);
    assertSame(eight, current());
  }

  @Test
  void grow_whileBanksWaitForRoom_isRefused() {
    Generation four = moveTo(4);
    Generation eight;
    try (Guard reader = domain.pin()) {
      eight = generations.grow(generations.current(reader), 800);
      help(20);
      assertEquals(2, four.unburied());
      assertSame(four, current());
      generations.checkInvariants();
      assertThrows(Generations.NoRoom.class, () -> generations.grow(eight, 1600));
      assertThrows(ReclamationLimitException.class, generations::makeRoom);
    }
    generations.makeRoom();
    assertSame(eight, current());
  }

  @Test
  void grow_whileAMoverStalls_makesTheChainLonger() {
    Generation four = moveTo(4);
    Generation eight = generations.grow(four, 800);
    int stalled = four.claimChunk();
    Generation sixteen = generations.grow(eight, 1600);
    help(100);
    assertSame(four, current());
    assertTrue(eight.isMoved());
    assertSame(sixteen, four.next());
    assertNull(sixteen.next());
    four.giveBack(stalled);
    help(1);
    assertSame(sixteen, current());
  }

  @Test
  void shrink_ofALargeGeneration_startsASmallOne() {
    Generation four = moveTo(4);
    generations.shrink(four, 103);
    assertNull(four.next());
    generations.shrink(four, 102);
    assertEquals(256, four.following().capacity());
    generations.shrink(four.following(), 0);
    assertNull(four.following().next());
  }

  @Test
  void close_exhaustedBefore_leaksNothing() {
    MockAllocator failing = new MockAllocator(allocator).failAfter(1);
    Generations others = new Generations("Test", failing, domain, TINY, this::move);
    try (Guard guard = domain.pin()) {
      Generation first = others.current(guard);
      assertThrows(AllocationException.class, () -> others.bankToInsert(first, 0));
    }
    others.close();
    others.close();
    try (Guard guard = domain.pin()) {
      assertThrows(IllegalStateException.class, () -> others.current(guard));
    }
    assertEquals("Test(closed)", others.toString());
  }
}
