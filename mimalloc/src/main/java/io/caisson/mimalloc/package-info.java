/** Finds the native library in this artifact. */
package io.caisson.mimalloc;
