/**
 * {@code caisson index}: counts every string of real files in a table off the heap, beside the same
 * job on a {@link java.util.HashMap}.
 *
 * <p>A file becomes strings in {@link io.caisson.examples.index.FileIndexer}, strings become counts
 * in a {@link io.caisson.examples.index.StringCounter}, and {@link
 * io.caisson.examples.index.IndexCommand} runs the rounds and prints the report. No Java object is
 * made for a string on the way into the table.
 */
@NullMarked
package io.caisson.examples.index;

import org.jspecify.annotations.NullMarked;
