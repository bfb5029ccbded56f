/** Races of two threads on native memory, for jcstress; each is named for what meets what. */
@NullMarked
package io.caisson.stress.race;

import org.jspecify.annotations.NullMarked;
