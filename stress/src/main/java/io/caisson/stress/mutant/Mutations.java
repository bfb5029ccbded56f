package io.caisson.stress.mutant;

import static io.caisson.stress.mutant.Edit.body;
import static io.caisson.stress.mutant.Edit.call;
import static io.caisson.stress.mutant.Edit.constant;
import static io.caisson.stress.mutant.Edit.get;
import static io.caisson.stress.mutant.Edit.replace;
import static io.caisson.stress.mutant.Edit.replaceNth;
import static io.caisson.stress.mutant.Mutation.Tool.LINCHECK;
import static io.caisson.stress.mutant.Mutation.Tool.RACE;
import static io.caisson.stress.mutant.Mutation.Tool.TORTURE;

import io.caisson.stress.mutant.Mutation.Tool;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.List;
import java.util.function.Supplier;

/**
 * Every mutation; one more is an entry here.
 *
 * <p>Named as the mutants of {@code stress/model/ebr.cpp}. These of the model have no twin here:
 *
 * <ul>
 *   <li>A fence after an atomic operation, which on x86 is a fence itself, so that nothing can
 *       show: pin_without_fence, tag_unfenced, overflow_without_fence, close_unfenced,
 *       refresh_without_fence. {@code ClaimVsScanUnfenced} is the canary of the hardware.
 *   <li>Harmless by the model: guarded_tag_unfenced, reserve_by_add_and_undo.
 *   <li>Not a line of the code: unguarded_tag_unfenced (retiring without a guard is not offered),
 *       refresh_keeps_address (that is up to who holds the guard), nested_reuses_slot (each guard
 *       claims), close_frees_slots (they are on the Java heap), tag_before_unlink and
 *       recycled_under_guard (a tag that is one too small is the same as free_at_tag_plus_1),
 *       closed_as_tag_is_small (CLOSED is a tag above all), credit_before_claim and waits_claimed
 *       (there is no such order), bag_after_counter (close goes through all spare locals, given
 *       back or not).
 *   <li>Windows of a few instructions that need a third thread: no_second_look (it takes a stall
 *       exactly three steps, and a scan under way), refresh_by_release, overflow_refresh_gap,
 *       close_waits_for_free, drain_holds_nothing.
 * </ul>
 */
public final class Mutations {

  private static final String SMR = "io.caisson.smr.";
  private static final String COLLECTIONS = "io.caisson.collections.";
  private static final long CLOSED = 1L << 62;
  private static final long NO_EPOCH = -1;
  private static final long CLAIMED = 2;
  private static final ClassDesc WORDS = ClassDesc.of(SMR + "SharedWords");
  private static final ClassDesc PINS = ClassDesc.of(SMR + "Pins");
  private static final ClassDesc LOCALS = ClassDesc.of(SMR + "Locals");
  private static final ClassDesc ROLL = ClassDesc.of(SMR + "Roll");
  private static final ClassDesc NUMBERED = ClassDesc.of(SMR + "Numbered");
  private static final ClassDesc LOCAL = ClassDesc.of(SMR + "Local");
  private static final ClassDesc SHARD = ClassDesc.of(COLLECTIONS + "InternShard");
  private static final ClassDesc CORE = ClassDesc.of(COLLECTIONS + "InternCore");
  private static final MethodTypeDesc LONG_TO_LONG =
      MethodTypeDesc.of(ConstantDescs.CD_long, ConstantDescs.CD_long);
  private static final MethodTypeDesc TWO_LONGS =
      MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_long, ConstantDescs.CD_long);
  private static final MethodTypeDesc TO_LONG = MethodTypeDesc.of(ConstantDescs.CD_long);

  /** All of them. */
  public static final List<Mutation> ALL =
      List.of(
          // ---- pin and advance
          smr("pin_holds_nothing_back", "Pins", "pin")
              .edit(() -> replace(call("pinnedAt"), code -> code.pop2().loadConstant(CLAIMED)))
              .caughtBy(LINCHECK, "LongStack", "a guard's slot does not say that it is pinned"),
          smr("pin_by_store", "Pins", "pin")
              .edit(() -> replace(call("compareAndSetSlot"), Mutations::storeSlot))
              .caughtBy(TORTURE, "cell-overflow", "pin takes a slot without a CAS"),
          smr("advance_ignores_slots", "Pins", "slotsAllowAdvance")
              .edit(() -> body(code -> code.iconst_1().ireturn()))
              .caughtBy(TORTURE, "cell-1x", "advance does not look at the slots"),
          smr("counters_not_scanned", "Pins", "countersAllowAdvance")
              .edit(() -> body(code -> code.iconst_1().ireturn()))
              .caughtBy(TORTURE, "cell-overflow", "advance does not look at the counters"),
          smr("counters_not_scanned_for_virtual", "Pins", "countersAllowAdvance")
              .edit(() -> body(code -> code.iconst_1().ireturn()))
              .caughtBy(TORTURE, "linked-virtual", "advance does not look at the counters"),
          smr("advance_by_store", "Pins", "stepFrom")
              .edit(() -> body(Mutations::stepByStore))
              .caughtBy(RACE, "AdvanceVsAdvance", "advance writes the epoch with a store"),
          smr("claimed_slot_blocks", "SlotWord", "allowsAdvance")
              .edit(() -> replace(call("isPinned"), code -> code.lconst_0().lcmp()))
              .caughtBy(TORTURE, "cell-1x", "advance does not ignore claimed slots"),
          smr("claim_by_store", "Pins", "tryClaim")
              .edit(() -> replace(call("compareAndSetSlot"), Mutations::storeSlot))
              .caughtBy(TORTURE, "cell-overflow", "who keeps house takes a slot without a CAS"),
          smr("guard_closed_twice", "Guard", "close")
              .edit(() -> replace(get("open"), code -> code.pop().iconst_1()))
              .caughtBy(TORTURE, "cell-overflow", "a guard closed twice releases its slot twice"),
          // ---- the tag and the free test
          smr("free_at_tag_plus_1", "Bag", "isRipe")
              .edit(() -> replace(constant(2L), CodeBuilder::lconst_1))
              .caughtBy(LINCHECK, "LongStack", "a bag is freed at tag + 1"),
          smr("free_at_tag", "Bag", "isRipe")
              .edit(() -> replace(constant(2L), CodeBuilder::lconst_0))
              .caughtBy(LINCHECK, "LongStack", "a bag is freed at its tag"),
          smr("free_at_tag_plus_1_natively", "Bag", "isRipe")
              .edit(() -> replace(constant(2L), CodeBuilder::lconst_1))
              .caughtBy(TORTURE, "longs-4x", "a bag is freed at tag + 1"),
          smr("free_at_tag_plus_1_under_a_stall", "Bag", "isRipe")
              .edit(() -> replace(constant(2L), CodeBuilder::lconst_1))
              .caughtBy(TORTURE, "ordered-bytes-stalled", "a bag is freed at tag + 1"),
          smr("seal_without_tag", "Limbo", "seal")
              .edit(() -> replace(call("setTag"), code -> code.pop2().pop()))
              .caughtBy(TORTURE, "cell-1x", "a bag keeps the tag of its last seal"),
          // ---- bags and slots
          smr("bag_touched_unclaimed", "Locals", "sweep")
              .edit(() -> replace(call("tryClaim"), code -> code.pop2().iconst_1()))
              .caughtBy(
                  TORTURE, "cell-4x", "a sweep takes the bags of slots that it did not claim"),
          smr("sweep_keeps_slot", "Locals", "sweep")
              .edit(() -> replaceNth(1, call("unpin"), code -> code.pop2().pop()))
              .caughtBy(TORTURE, "cell-1x", "a sweep never releases a slot"),
          smr("spare_not_taken", "Locals", "take")
              .edit(() -> replace(call("pop"), Mutations::lookAtFirstSpare))
              .caughtBy(TORTURE, "cell-overflow", "overflow guards share a spare local"),
          smr("versionless_stack", "VersionedStack", "pop")
              .edit(() -> replace(constant(1L << 32), CodeBuilder::lconst_0))
              .caughtBy(LINCHECK, "Numbers", "popping does not raise the version"),
          // ---- limits
          smr("reserve_check_then_act", "Limbo", "charge")
              .edit(() -> replace(call("compareAndSetCharged"), Mutations::addDifference))
              .caughtBy(RACE, "ReserveVsLimit", "room is looked for, then taken"),
          smr("unused_not_returned", "Local", "endOperation")
              .edit(() -> replace(get("left"), code -> code.pop().lconst_0()))
              .caughtBy(TORTURE, "cell-1x", "an unused reservation is lost"),
          smr("sweep_leaves_credit", "Limbo", "flush")
              .edit(() -> replace(call("addCharged"), code -> code.pop2().pop()))
              .caughtBy(TORTURE, "cell-1x", "a sweep loses the credit"),
          smr("waits_pinned", "ReclamationDomain", "tryReserve")
              .edit(() -> replaceNth(1, call("leave"), code -> code.pop().pop2().pop()))
              .caughtBy(TORTURE, "limit", "who waits for room stays pinned"),
          smr("limit_passed_over", "Limbo", "prepare")
              .edit(() -> replace(call("charge"), Mutations::chargeBeyondLimit))
              .caughtBy(TORTURE, "table-longs-stalled", "what is reserved may exceed the limit"),
          smr("retire_unreserved", "Guard", "retire")
              .edit(() -> replace(call("admits"), code -> code.pop2().pop().iconst_1()))
              .caughtBy(TORTURE, "limit", "what is retired need not be reserved"),
          // ---- close
          smr("close_scans_only", "Pins", "tryCloseSlot")
              .edit(() -> replace(call("compareAndSetSlot"), Mutations::lookAtSlot))
              .caughtBy(RACE, "CloseVsPin", "close looks at the slots and does not claim them"),
          smr("close_without_counters", "Pins", "awaitNone")
              .edit(() -> replace(call("countersAreLeft"), code -> code.pop().iconst_1()))
              .caughtBy(TORTURE, "close-stuck", "close does not wait for the counters"),
          smr("frees_past_deadline", "Closing", "finish")
              .edit(() -> replace(call("awaitNone"), code -> code.pop2().iconst_1()))
              .caughtBy(TORTURE, "close-stuck", "close does not wait, and frees"),
          smr("closed_passes_free_test", "Bag", "isRipe")
              .edit(() -> replace(constant(CLOSED), Mutations::loadNoEpoch))
              .caughtBy(TORTURE, "close-stuck", "CLOSED satisfies the free test"),
          smr("advance_reopens", "Pins", "tryAdvance")
              .edit(() -> replace(constant(CLOSED), Mutations::loadNoEpoch))
              .caughtBy(TORTURE, "close-stuck", "advance takes CLOSED for an epoch"),
          smr("pin_takes_closed", "Pins", "pin")
              .edit(() -> replace(constant(CLOSED), Mutations::loadNoEpoch))
              .caughtBy(TORTURE, "close-stuck", "pin takes CLOSED for an epoch"),
          // ---- the stack
          stack("popped_node_freed_at_once", "StackCore", "retire")
              .edit(() -> body(Mutations::freeNode))
              .caughtBy(LINCHECK, "LongStack", "a popped node is not retired but freed"),
          stack("head_read_before_pin", "ConcurrentLongStack", "peek")
              .edit(Mutations::readTopBeforePin)
              .caughtBy(LINCHECK, "LongStack", "the head is read, then pinned for"),
          // ---- the end of several
          collection("readers_not_awaited", "Readers", "await")
              .edit(() -> body(code -> code.return_()))
              .caughtBy(TORTURE, "append-stalled", "close does not wait for who is reading"),
          // ---- the table of longs
          table("cell_sealed_by_store", "LongLongCells", "moveEntry")
              .edit(() -> replace(call("compareAndSetValue"), Mutations::storeValue))
              .caughtBy(LINCHECK, "LongTable", "a cell is sealed whatever is in it by now"),
          table("cell_sealed_by_store_natively", "LongLongCells", "moveEntry")
              .edit(() -> replace(call("compareAndSetValue"), Mutations::storeValue))
              .caughtBy(TORTURE, "table-longs-4x", "a cell is sealed whatever is in it by now"),
          table("search_ends_at_sealed", "LongLongCells", "find")
              .edit(() -> replaceNth(2, constant(-1L), CodeBuilder::lconst_0))
              .caughtBy(TORTURE, "table-longs-4x", "who meets a sealed cell does not go on"),
          table("bank_buried_early", "Generation", "complete")
              .edit(() -> body(code -> code.iconst_1().ireturn()))
              .caughtBy(
                  TORTURE, "table-longs-4x", "a bank is retired once its first chunk is moved"),
          // ---- the skip list
          skipList("node_retired_at_first_unlink", "search")
              .edit(() -> replace(call("release"), code -> code.pop().pop2().iconst_1()))
              .caughtBy(LINCHECK, "OrderedMap", "a node is retired that other levels still link"),
          skipList("node_retired_at_first_unlink_natively", "search")
              .edit(() -> replace(call("release"), code -> code.pop().pop2().iconst_1()))
              .caughtBy(TORTURE, "ordered-4x", "a node is retired that other levels still link"),
          skipList("late_mark_unseen", "raise")
              .edit(() -> replace(call("isMarked"), code -> code.pop2().iconst_0()))
              .caughtBy(RACE, "OrderedRemoveVsRaise", "a slow inserter leaves a dead node linked"),
          skipList("goes_down_from_marked", "find")
              .edit(() -> replace(call("isMarked"), code -> code.pop2().iconst_0()))
              .caughtBy(TORTURE, "ordered-late-link", "a walk goes down from a marked node"),
          skipList("links_behind_marked", "link")
              .edit(() -> replaceNth(2, call("isMarked"), code -> code.pop2().iconst_0()))
              .caughtBy(TORTURE, "ordered-4x", "a node is linked behind one that is unlinked"),
          // ---- the tables of bytes
          table("entry_moved_unfrozen", "EntryTable", "moveSlot")
              .edit(() -> replace(constant(1L), CodeBuilder::lconst_0))
              .caughtBy(TORTURE, "bytes-tables-8x", "an entry is moved that is not frozen"),
          table("entry_replaced_frozen", "EntryTable", "replace")
              .edit(() -> replace(call("isFrozen"), code -> code.pop2().iconst_0()))
              .caughtBy(TORTURE, "bytes-tables-8x", "an entry is replaced that somebody moves"),
          table("dead_taken_for_a_value", "ConcurrentBytesLongTable", "isValue")
              .edit(() -> body(code -> code.iconst_1().ireturn()))
              .caughtBy(TORTURE, "bytes-tables-8x", "an entry that is removed is counted in"),
          table("entry_retired_still_linked", "ConcurrentBytesLongTable", "unlink")
              .edit(() -> replace(call("replace"), Mutations::forgetToUnlink))
              .caughtBy(TORTURE, "bytes-tables-8x", "an entry is retired and still linked"),
          // ---- queues
          queue("mpsc_published_before_written", "MpscLongQueue", "write")
              .edit(() -> body(Mutations::publishAndWrite))
              .caughtBy(LINCHECK, "MpscQueue", "a slot is published, then written"),
          queue("mpsc_poll_does_not_wait", "MpscLongQueue", "awaitWritten")
              .edit(() -> body(code -> code.iconst_0().ireturn()))
              .caughtBy(LINCHECK, "MpscQueue", "a slot that is being written ends the queue"),
          queue("mpsc_close_does_not_wait", "MpscLongQueue", "close")
              .edit(() -> replace(call("isWritten"), code -> code.pop2().pop().iconst_1()))
              .caughtBy(RACE, "MpscCloseVsOffer", "close does not wait for who writes"),
          queue("mpmc_sequence_not_looked_at", "MpmcLongQueue", "claim")
              .edit(() -> replace(call("sequenceAcquire"), Mutations::expectedSequence))
              .caughtBy(LINCHECK, "MpmcQueue", "who polls does not look at the sequence"),
          queue("mpmc_peek_without_second_look", "MpmcLongQueue", "peek")
              .edit(() -> replaceNth(1, call("getVolatile"), code -> code.pop2().lload(4)))
              .caughtBy(LINCHECK, "MpmcQueue", "peek does not look again whether head has moved"),
          queue("unbounded_fill_by_store", "QueueCell", "fill")
              .edit(() -> replace(call("change"), Mutations::storeFull))
              .caughtBy(TORTURE, "unbounded-16x", "a cell is filled though it is broken"),
          queue("unbounded_marks_ignored", "QueueSegment", "isDone")
              .edit(() -> body(code -> code.iconst_1().ireturn()))
              .caughtBy(LINCHECK, "UnboundedQueue", "a segment is freed while somebody uses it"),
          queue("unbounded_close_does_not_wait", "MpmcUnboundedLongQueue", "isInUse")
              .edit(() -> body(code -> code.iconst_0().ireturn()))
              .caughtBy(TORTURE, "closing-unbounded", "close frees what others use"),
          queue("ring_not_zeroed", "MessageRing", "release")
              .edit(() -> replace(call("fill"), code -> code.pop().pop2().pop2()))
              .caughtBy(TORTURE, "ring-many", "what was read is left in the ring"),
          queue("await_unannounced", "Waiters", "await")
              .edit(() -> replaceNth(1, constant(1), CodeBuilder::iconst_0))
              .caughtBy(TORTURE, "blocking", "who sleeps does not say so: a wake-up is lost"),
          // ---- the append vector
          collection("append_reserves_in_two_steps", "ConcurrentLongVector", "reserve")
              .edit(() -> replace(call("getAndAdd"), Mutations::readThenWrite))
              .caughtBy(LINCHECK, "AppendVector", "an index is read, then counted on"),
          collection("append_loses_a_segment", "ConcurrentLongVector", "ensureSegment")
              .edit(() -> replace(call("compareAndSet"), Mutations::storeSegment))
              .caughtBy(LINCHECK, "AppendVector", "a segment is put in its place by a store"),
          collection("append_flag_ignored", "VectorSegment", "isPublished")
              .edit(() -> body(code -> code.iconst_1().ireturn()))
              .caughtBy(LINCHECK, "AppendVector", "elements are read before they are published"),
          collection("append_close_leaves_places", "ConcurrentLongVector", "takeSegments")
              .edit(() -> replaceNth(1, constant(-1L), code -> code.lconst_0()))
              .caughtBy(TORTURE, "append-4x", "a segment may come to its place after close"),
          // ---- the linked set
          collection("linked_node_freed_at_once", "ConcurrentLongLinkedSet", "retire")
              .edit(() -> body(Mutations::freeSetNode))
              .caughtBy(LINCHECK, "LinkedSet", "a removed node is not retired but freed"),
          collection("linked_removes_without_mark", "LinkedSetNode", "mark")
              .edit(() -> body(code -> code.iconst_1().ireturn()))
              .caughtBy(LINCHECK, "LinkedSet", "a node is unlinked that is not marked"),
          collection("linked_walk_keeps_guard", "ConcurrentLongLinkedSet", "forEach")
              .edit(() -> replaceNth(2, call("close"), code -> code.pop()))
              .caughtBy(TORTURE, "linked-mortals", "a walk that its consumer ends stays pinned"),
          collection("linked_never_unlinks_around", "ConcurrentLongLinkedSet", "unlinkAround")
              .edit(() -> body(code -> code.return_()))
              .caughtBy(
                  RACE, "RemoveVsRemoveNeighbour", "what its remover cannot unlink stays linked"),
          // ---- the intern table
          collection("intern_acquires_without_lock", "InternShard", "acquire")
              .edit(() -> body(Mutations::acquireUnlocked))
              .caughtBy(LINCHECK, "Intern", "who acquires does not lock the shard"),
          collection("intern_releases_without_lock", "InternShard", "release")
              .edit(() -> body(Mutations::releaseUnlocked))
              .caughtBy(LINCHECK, "Intern", "who releases does not lock the shard"),
          collection("intern_page_freed_with_entries", "InternPages", "remove")
              .edit(() -> replaceNth(2, call("live"), code -> code.pop2().lconst_0()))
              .caughtBy(TORTURE, "intern-4x", "a page is freed that others have references to"),
          collection("intern_closes_without_lock", "InternShard", "close")
              .edit(() -> body(Mutations::closeUnlocked))
              .caughtBy(TORTURE, "intern-closing", "close does not wait for who has the lock"),
          collection("intern_scratch_freed_in_use", "InternScratch$Stripe", "close")
              .edit(() -> body(Mutations::closeScratchUnlocked))
              .caughtBy(TORTURE, "intern-closing", "close frees scratch memory that is in use"));

  private Mutations() {}

  private static Draft smr(String name, String type, String method) {
    return new Draft(name, SMR + type, method, () -> replace(element -> false, code -> {}));
  }

  private static Draft queue(String name, String type, String method) {
    return table(name, type, method);
  }

  private static Draft table(String name, String type, String method) {
    return collection(name, type, method);
  }

  private static Draft stack(String name, String type, String method) {
    return collection(name, type, method);
  }

  private static Draft collection(String name, String type, String method) {
    return new Draft(name, COLLECTIONS + type, method, () -> replace(e -> false, c -> {}));
  }

  private static Draft skipList(String name, String method) {
    String type = COLLECTIONS + "SkipListCore";
    return new Draft(name, type, method, () -> replace(e -> false, c -> {}));
  }

  /** A mutation on its way. */
  private record Draft(String name, String type, String method, Supplier<Edit> edit) {
    Draft edit(Supplier<Edit> edit) {
      return new Draft(name, type, method, edit);
    }

    Mutation caughtBy(Tool tool, String test, String text) {
      return new Mutation(name, type, method, edit, text, tool, test);
    }
  }

  // ---- code -------------------------------------------------------------------------------------

  private static void loadNoEpoch(CodeBuilder code) {
    code.loadConstant(NO_EPOCH);
  }

  /** For words, slot, expected, word: stores the word, and says it was a success. */
  private static void storeSlot(CodeBuilder code) {
    int word = code.allocateLocal(TypeKind.LONG);
    code.lstore(word).pop2().lload(word);
    code.invokevirtual(
        WORDS,
        "setSlotRelease",
        MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int, ConstantDescs.CD_long));
    code.iconst_1();
  }

  /** For words, slot, expected, word: says whether the slot is as expected, which is 0. */
  private static void lookAtSlot(CodeBuilder code) {
    code.pop2().pop2();
    code.invokevirtual(
        WORDS, "slotOpaque", MethodTypeDesc.of(ConstantDescs.CD_long, ConstantDescs.CD_int));
    code.lconst_1().lcmp().iconst_1().ishr().iconst_1().iand(); // 1 if below 1
  }

  /** Stores the epoch that was to be stepped to, whatever there is by now. */
  private static void stepByStore(CodeBuilder code) {
    code.aload(0).getfield(PINS, "words", WORDS);
    code.aload(0).getfield(PINS, "words", WORDS).invokevirtual(WORDS, "epochVolatile", TO_LONG);
    code.lload(1).lconst_1().ladd();
    code.invokevirtual(
        WORDS,
        "compareAndSetEpoch",
        MethodTypeDesc.of(ConstantDescs.CD_boolean, ConstantDescs.CD_long, ConstantDescs.CD_long));
    code.pop().return_();
  }

  /** For the spare locals: the first that was ever made, if there is one; it stays there. */
  private static void lookAtFirstSpare(CodeBuilder code) {
    code.pop();
    code.aload(0).getfield(LOCALS, "spareRoll", ROLL);
    code.invokevirtual(ROLL, "size", MethodTypeDesc.of(ConstantDescs.CD_int));
    code.ifThenElse(
        some -> {
          some.aload(0).getfield(LOCALS, "spareRoll", ROLL).iconst_0();
          some.invokevirtual(ROLL, "get", MethodTypeDesc.of(NUMBERED, ConstantDescs.CD_int));
        },
        none -> none.aconst_null().checkcast(LOCAL));
  }

  /** For words, expected, charged: adds the difference, and says it was a success. */
  private static void addDifference(CodeBuilder code) {
    int charged = code.allocateLocal(TypeKind.LONG);
    int expected = code.allocateLocal(TypeKind.LONG);
    code.lstore(charged).lstore(expected).lload(charged).lload(expected).lsub();
    code.invokevirtual(
        WORDS, "addCharged", MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_long));
    code.iconst_1();
  }

  /** For limbo, local, needed, whether beyond the limit: charges, in any case beyond it. */
  private static void chargeBeyondLimit(CodeBuilder code) {
    code.pop().iconst_1();
    code.invokevirtual(
        ClassDesc.of(SMR + "Limbo"),
        "charge",
        MethodTypeDesc.of(
            ConstantDescs.CD_boolean, LOCAL, ConstantDescs.CD_long, ConstantDescs.CD_boolean));
  }

  /** Reads the top of a stack before the guard that is to protect it is there. */
  private static Edit readTopBeforePin() {
    ClassDesc core = ClassDesc.of(COLLECTIONS + "StackCore");
    int[] top = new int[1];
    return (code, element) -> {
      if (call("pin").test(element)) {
        top[0] = code.allocateLocal(TypeKind.LONG);
        code.dup().aconst_null();
        code.invokevirtual(
            core, "top", MethodTypeDesc.of(ConstantDescs.CD_long, ClassDesc.of(SMR + "Guard")));
        code.lstore(top[0]);
      } else if (call("top").test(element)) {
        code.pop2().lload(top[0]);
        return true;
      }
      code.with(element);
      return false;
    };
  }

  /** For slot, entry, word: says that the slot was changed. */
  private static void forgetToUnlink(CodeBuilder code) {
    code.pop2().pop2().pop2().iconst_1();
  }

  /** Of guard, node and size: frees the node. */
  private static void freeNode(CodeBuilder code) {
    code.aload(0).lload(2).lload(4);
    code.invokevirtual(
        ClassDesc.of(COLLECTIONS + "StackCore"),
        "freeNode",
        MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_long, ConstantDescs.CD_long));
    code.return_();
  }

  /** For cell, expected, code: stores the code as the cell's value, and says it was a success. */
  private static void storeValue(CodeBuilder code) {
    int value = code.allocateLocal(TypeKind.LONG);
    code.lstore(value).pop2().loadConstant((long) Long.BYTES).ladd().lload(value);
    code.invokestatic(
        ClassDesc.of("io.caisson.alloc.internal.Memory"),
        "putLongRelease",
        MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_long, ConstantDescs.CD_long));
    code.iconst_1();
  }

  /** Of a ticket and a value: publishes the slot, then writes it. */
  private static void publishAndWrite(CodeBuilder code) {
    ClassDesc ring = ClassDesc.of(COLLECTIONS + "RingStorage");
    ClassDesc slot = ClassDesc.of(COLLECTIONS + "QueueSlot");
    code.aload(0).getfield(ClassDesc.of(COLLECTIONS + "MpscLongQueue"), "ring", ring);
    code.lload(1).invokevirtual(ring, "slot", LONG_TO_LONG).lstore(5);
    code.lload(5).lload(1).lconst_1().ladd();
    code.invokestatic(slot, "setSequenceRelease", TWO_LONGS);
    code.lload(5).lload(3).invokestatic(slot, "setValue", TWO_LONGS);
    code.return_();
  }

  /** For a slot: the sequence that it has when the value is written for the head in a variable. */
  private static void expectedSequence(CodeBuilder code) {
    code.pop2().lload(2).lconst_1().ladd();
  }

  /** For cell, from, to: stores what the state is to be, and says it was a success. */
  private static void storeFull(CodeBuilder code) {
    code.pop2().pop2().lconst_1();
    code.invokestatic(
        ClassDesc.of("io.caisson.alloc.internal.Memory"), "putLongRelease", TWO_LONGS);
    code.iconst_1();
  }

  /** For words, word, 1: reads the word, and then writes what is one more. */
  private static void readThenWrite(CodeBuilder code) {
    ClassDesc words = ClassDesc.of(COLLECTIONS + "PaddedWords");
    int before = code.allocateLocal(TypeKind.LONG);
    code.pop2().dup2();
    code.invokevirtual(
        words, "getOpaque", MethodTypeDesc.of(ConstantDescs.CD_long, ConstantDescs.CD_int));
    code.lstore(before).lload(before).lconst_1().ladd();
    code.invokevirtual(
        words,
        "setRelease",
        MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int, ConstantDescs.CD_long));
    code.lload(before);
  }

  /** For places, number, NULL, segment: stores the segment, and says it was a success. */
  private static void storeSegment(CodeBuilder code) {
    int segment = code.allocateLocal(TypeKind.LONG);
    code.lstore(segment).pop2().lload(segment);
    code.invokevirtual(
        ClassDesc.of("java.util.concurrent.atomic.AtomicLongArray"),
        "set",
        MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int, ConstantDescs.CD_long));
    code.iconst_1();
  }

  /** Of guard and node: frees the node. */
  private static void freeSetNode(CodeBuilder code) {
    code.aload(0).lload(2);
    code.invokevirtual(
        ClassDesc.of(COLLECTIONS + "ConcurrentLongLinkedSet"),
        "freeNode",
        MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_long));
    code.return_();
  }

  /** Of address, size and hash: acquires in the core of the shard. */
  private static void acquireUnlocked(CodeBuilder code) {
    ClassDesc word = ConstantDescs.CD_long;
    code.aload(0).getfield(SHARD, "core", CORE).lload(1).lload(3).lload(5);
    code.invokevirtual(CORE, "acquire", MethodTypeDesc.of(ConstantDescs.CD_int, word, word, word));
    code.ireturn();
  }

  /** Of a handle: releases it in the core of the shard. */
  private static void releaseUnlocked(CodeBuilder code) {
    code.aload(0).getfield(SHARD, "core", CORE).iload(1);
    code.invokevirtual(
        CORE, "release", MethodTypeDesc.of(ConstantDescs.CD_boolean, ConstantDescs.CD_int));
    code.ireturn();
  }

  private static void closeUnlocked(CodeBuilder code) {
    code.aload(0).getfield(SHARD, "core", CORE);
    code.invokevirtual(CORE, "close", ConstantDescs.MTD_void).return_();
  }

  private static void closeScratchUnlocked(CodeBuilder code) {
    ClassDesc stripe = ClassDesc.of(COLLECTIONS + "InternScratch$Stripe");
    ClassDesc scratch = ClassDesc.of(COLLECTIONS + "KeyScratch");
    code.aload(0).getfield(stripe, "memory", scratch);
    code.invokevirtual(scratch, "free", ConstantDescs.MTD_void);
    code.aload(0).iconst_1().putfield(stripe, "closed", ConstantDescs.CD_boolean).return_();
  }
}
