/** Runs what tests concurrent code, and counts: what {@code ./caisson stress} starts. */
@NullMarked
package io.caisson.stress;

import org.jspecify.annotations.NullMarked;
