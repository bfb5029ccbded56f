/** Benchmarks: each class says what it asks, what would mislead, and how to run it. */
package io.caisson.bench;
