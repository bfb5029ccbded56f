/** Code with a bug: Lincheck must find each. */
@NullMarked
package io.caisson.stress.check.canary;

import org.jspecify.annotations.NullMarked;
