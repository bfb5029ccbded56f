package io.caisson.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import java.lang.management.ManagementFactory;
import javax.management.JMX;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;
import org.junit.jupiter.api.Test;

/** Reads the attributes as JConsole does, through the platform's server. */
class JmxRegistrationTest {

  private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();

  private CompositeData value(JmxRegistration registration, String attribute, String key)
      throws Exception {
    TabularData table = (TabularData) server.getAttribute(registration.name(), attribute);
    return (CompositeData) table.get(new Object[] {key}).get("value");
  }

  @Test
  void attributes_everything_areOpenTypes() throws Exception {
    try (Workload workload = new Workload();
        JmxRegistration registration = new JmxRegistration(workload.registry, "test")) {
      assertEquals("io.caisson:type=Metrics,name=test", registration.name().toString());
      for (MBeanAttributeInfo attribute :
          server.getMBeanInfo(registration.name()).getAttributes()) {
        Object value = server.getAttribute(registration.name(), attribute.getName());
        assertTrue(value instanceof Long || value instanceof TabularData, attribute.getName());
      }
      CompositeData nodes = value(registration, "Tags", "app:graph.node");
      assertEquals(112L, nodes.get("medianByteSize"));
      CompositeData memory = assertInstanceOf(CompositeData.class, nodes.get("memory"));
      assertEquals(30_000L, memory.get("liveBytes"));
      assertEquals(192L, value(registration, "Domains", "map").get("garbageBytes"));
      assertEquals(1L, value(registration, "Budgets", "service").get("refusals"));
      assertEquals(192L, server.getAttribute(registration.name(), "GarbageBytes"));
      assertEquals(
          workload.allocator.stats().liveBytes(),
          server.getAttribute(registration.name(), "LiveBytes"));
      Object json = server.invoke(registration.name(), "json", new Object[0], new String[0]);
      assertTrue(JsonParser.parseString((String) json).isJsonObject());
    }
  }

  @Test
  void attributes_throughAProxy_areNumbers() {
    try (Workload workload = new Workload();
        JmxRegistration registration = new JmxRegistration(workload.registry, "a=b,\"c\"*")) {
      CaissonMXBean proxy = JMX.newMXBeanProxy(server, registration.name(), CaissonMXBean.class);
      assertEquals(192, proxy.getGarbageBytes());
    }
  }

  @Test
  void close_registered_isGone() {
    MetricsRegistry registry = new MetricsRegistry();
    JmxRegistration registration = new JmxRegistration(registry, "closed");
    assertThrows(IllegalStateException.class, () -> new JmxRegistration(registry, "closed"));
    assertTrue(server.isRegistered(registration.name()));
    registration.close();
    assertFalse(server.isRegistered(registration.name()));
    registration.close();
  }
}
