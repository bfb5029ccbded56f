package io.caisson.collections;

/**
 * What a view of a concurrent structure as a map from long to long does, as {@code
 * java.util.concurrent.ConcurrentMap} and the maps of the JDK have it: single operations, views and
 * iterators, and many threads at once.
 */
interface ConcurrentMapContract
    extends ConcurrentMapOperations, ConcurrentMapViews, ConcurrentMapRaces {}
