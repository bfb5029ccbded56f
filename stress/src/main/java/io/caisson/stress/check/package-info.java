/** Model checks by Lincheck, on simulated memory. */
@NullMarked
package io.caisson.stress.check;

import org.jspecify.annotations.NullMarked;
