package io.caisson.examples.index;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done.
 *
 * @param inputs files and directories; none means every class of the running JDK
 * @param allocator what the table is put on
 * @param capacity the size in bytes of a fixed buffer
 * @param budget how many bytes off the heap may be used, or {@link IndexBudgets#ANY}
 * @param leaks whether to look for leaks of the table
 * @param threads how many threads count
 * @param top how many of the most frequent strings to list
 * @param rounds how often to do the job
 * @param baseline whether to do it on a map of the JDK's, too
 * @param page where to write a page about memory, or null for none
 */
record IndexOptions(
    List<Path> inputs,
    AllocatorKind allocator,
    long capacity,
    long budget,
    LeakSearch leaks,
    int threads,
    long top,
    int rounds,
    boolean baseline,
    @Nullable Path page) {}
