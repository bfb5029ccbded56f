/** Compiled classes with one line of the protocol broken, and the tests that must catch them. */
@NullMarked
package io.caisson.stress.mutant;

import org.jspecify.annotations.NullMarked;
