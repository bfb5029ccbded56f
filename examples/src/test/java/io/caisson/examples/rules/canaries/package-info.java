/** Classes that break the rules of the public API on purpose. */
package io.caisson.examples.rules.canaries;
