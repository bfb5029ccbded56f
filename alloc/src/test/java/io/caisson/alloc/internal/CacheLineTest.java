package io.caisson.alloc.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class CacheLineTest {

  @Test
  void usual_eachPlatform_isItsLine() {
    assertEquals(64, CacheLine.usual("Linux", "amd64"));
    assertEquals(64, CacheLine.usual("Linux", "aarch64"));
    assertEquals(64, CacheLine.usual("Windows 11", "amd64"));
    assertEquals(64, CacheLine.usual("Mac OS X", "x86_64"));
    assertEquals(128, CacheLine.usual("Mac OS X", "aarch64"));
  }

  @Test
  void roundUp_anySize_isWholeLines() {
    long line = CacheLine.BYTE_SIZE;
    assertEquals(line, CacheLine.roundUp(1));
    assertEquals(line, CacheLine.roundUp(line));
    assertEquals(2 * line, CacheLine.roundUp(line + 1));
    assertTrue(CacheLine.roundUp(Long.MAX_VALUE) < 0);
  }
}
