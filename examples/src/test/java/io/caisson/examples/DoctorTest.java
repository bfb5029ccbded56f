package io.caisson.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;

class DoctorTest {

  @Test
  void examine_here_findsNothingAmiss() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int status = Doctor.examine(new PrintStream(out, true, UTF_8));
    String text = out.toString(UTF_8);
    assertEquals(0, status, text);
    assertTrue(text.contains("allocator fixed"), text);
    assertTrue(text.lines().anyMatch(line -> line.matches("allocator mimalloc +works")), text);
    assertTrue(text.lines().anyMatch(line -> line.matches("mimalloc +[0-9.]+ from .+")), text);
  }
}
