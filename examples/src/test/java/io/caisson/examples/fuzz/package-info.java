/** What must hold for any input: targets of a fuzzer, with their corpora. */
package io.caisson.examples.fuzz;
