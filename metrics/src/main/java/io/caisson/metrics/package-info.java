/** Metrics of off-heap memory, and the forms in which they leave the process. */
package io.caisson.metrics;
