/** Programs that work many threads hard for a while and then look at what they left. */
@NullMarked
package io.caisson.stress.torture;

import org.jspecify.annotations.NullMarked;
