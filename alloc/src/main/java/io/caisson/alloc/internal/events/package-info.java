/**
 * The events of this module in the Flight Recorder. Nothing outside {@link
 * io.caisson.alloc.internal.events.MemoryEvents} links to {@code jdk.jfr}, which may be absent.
 */
package io.caisson.alloc.internal.events;
