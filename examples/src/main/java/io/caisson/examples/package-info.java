/** Programs that use Caisson on the class path, and what {@code ./caisson} runs. */
@NullMarked
package io.caisson.examples;

import org.jspecify.annotations.NullMarked;
