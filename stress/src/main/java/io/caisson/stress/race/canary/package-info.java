/** Races with a bug: jcstress must see the forbidden outcome of each. */
@NullMarked
package io.caisson.stress.race.canary;

import org.jspecify.annotations.NullMarked;
