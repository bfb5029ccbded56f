package io.caisson.stress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.stress.mutant.Edit;
import io.caisson.stress.mutant.Mutation;
import io.caisson.stress.mutant.Mutations;
import io.caisson.stress.mutant.Mutator;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A mutation that no longer fits the code must not pass for one that changed it. */
class MutationsTest {

  @TempDir private Path directory;

  @Test
  void write_ofEach_changesOnePlace() {
    for (Mutation mutation : Mutations.ALL) {
      Path own = directory.resolve(mutation.name());
      Mutator.write(mutation, own);
      assertTrue(Files.exists(own.resolve(mutation.type().replace('.', '/') + ".class")));
    }
    assertEquals(
        Mutations.ALL.size(), Mutations.ALL.stream().map(Mutation::name).distinct().count());
  }

  private void assertRefused(Edit edit) {
    Mutation mutation =
        new Mutation(
            "nothing",
            "io.caisson.smr.VersionedStack",
            "pop",
            () -> edit,
            "",
            Mutation.Tool.TORTURE,
            "");
    assertThrows(IllegalStateException.class, () -> Mutator.write(mutation, directory));
  }

  @Test
  void write_thatChangesNoPlace_fails() {
    assertRefused(Edit.replace(Edit.call("gone"), code -> code.pop()));
  }

  @Test
  void write_thatChangesTwoPlaces_fails() {
    assertRefused(Edit.replace(Edit.constant(0xFFFF_FFFFL), code -> code.lconst_0()));
  }

  @Test
  void write_thatMakesNoValidClass_fails() {
    assertRefused(Edit.replace(Edit.constant(1L << 32), code -> code.iconst_0()));
  }
}
