package io.caisson.alloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads files as the kernel writes them. */
class PressureSourcesTest {

  @TempDir Path root;

  private void write(String file, String text) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text + "\n");
  }

  private PressureSource.Reading cgroup(String membership) throws IOException {
    write("self", membership);
    return new CgroupMemory(root.resolve("self"), root.resolve("mount")).read();
  }

  @Test
  void cgroup_version2_readsTheGroup() throws IOException {
    write("mount/a/memory.current", "5000");
    write("mount/a/memory.max", "8000");
    assertEquals(new PressureSource.Reading(5000, 8000), cgroup("0::/a"));
    write("mount/a/memory.stat", "anon 1\ninactive_file 1500\nactive_file 100");
    assertEquals(new PressureSource.Reading(3500, 8000), cgroup("0::/a"));
  }

  @Test
  void cgroup_nested_readsTheTightest() throws IOException {
    write("mount/memory.current", "100");
    write("mount/a/memory.current", "7000");
    write("mount/a/memory.max", "8000");
    write("mount/a/b/memory.current", "10");
    write("mount/a/b/memory.max", "max");
    assertEquals(new PressureSource.Reading(7000, 8000), cgroup("0::/a/b"));
    write("mount/a/b/memory.max", "500");
    assertEquals(new PressureSource.Reading(10, 500), cgroup("0::/a/b"));
  }

  @Test
  void cgroup_unlimited_hasNoLimit() throws IOException {
    write("mount/memory.current", "100");
    write("mount/memory.max", "max");
    assertEquals(new PressureSource.Reading(100, Long.MAX_VALUE), cgroup("0::/"));
    write("mount/memory/memory.usage_in_bytes", "200");
    write("mount/memory/memory.limit_in_bytes", "9223372036854771712");
    assertEquals(new PressureSource.Reading(200, Long.MAX_VALUE), cgroup("5:cpu,memory:/\n0::/"));
  }

  @Test
  void cgroup_version1_readsTheGroupOrWhatItIsMountedAt() throws IOException {
    write("mount/memory/memory.usage_in_bytes", "5000");
    write("mount/memory/memory.limit_in_bytes", "8000");
    write("mount/memory/memory.stat", "inactive_file 1\ntotal_inactive_file 1000");
    PressureSource.Reading expected = new PressureSource.Reading(4000, 8000);
    assertEquals(expected, cgroup("7:pids:/x\n4:memory:/docker/0123\n0::/"));
    write("mount/memory/docker/0123/memory.usage_in_bytes", "50");
    write("mount/memory/docker/0123/memory.limit_in_bytes", "100");
    assertEquals(
        new PressureSource.Reading(50, 100), cgroup("7:pids:/x\n4:memory:/docker/0123\n0::/"));
  }

  @Test
  void cgroup_missingOrMalformed_isNoReading() throws IOException {
    assertNull(cgroup("0::/a"));
    assertNull(cgroup("nonsense"));
    assertNull(cgroup("0::/../../.."));
    write("mount/a/memory.current", "many");
    write("mount/a/memory.max", "8000");
    assertNull(cgroup("0::/a"));
    assertNull(new CgroupMemory(root.resolve("none"), root).read());
  }

  @Test
  void resident_statm_isPagesTimesTheirSize() throws IOException {
    write("statm", "765 410 382 5 0 123 0");
    Path statm = root.resolve("statm");
    assertEquals(
        new PressureSource.Reading(410 * 16384L, 99), new ResidentSet(statm, 16384, 99).read());
    write("statm", "765");
    assertNull(new ResidentSet(statm, 4096, 99).read());
    write("statm", "765 many");
    assertNull(new ResidentSet(statm, 4096, 99).read());
    assertNull(new ResidentSet(root.resolve("none"), 4096, 99).read());
  }

  @Test
  void pageByteSize_auxv_isFoundOrTheUsual() throws IOException {
    ByteBuffer pairs = ByteBuffer.allocate(64).order(ByteOrder.nativeOrder());
    pairs.putLong(33).putLong(1).putLong(6).putLong(65536).putLong(0).putLong(0);
    Path auxv = Files.write(root.resolve("auxv"), pairs.array());
    assertEquals(65536, ResidentSet.pageByteSize(auxv));
    assertEquals(4096, ResidentSet.pageByteSize(Files.write(auxv, new byte[40])));
    assertEquals(4096, ResidentSet.pageByteSize(root.resolve("none")));
  }

  @Test
  void resident_ofThisProcess_isPlausible() {
    assumeTrue(Files.exists(Path.of("/proc/self/statm")));
    PressureSource.Reading reading = new ResidentSet(1L << 40).read();
    assertNotNull(reading);
    assertTrue(reading.used() > 10 << 20 && reading.used() < 1L << 40, reading::toString);
  }
}
