/**
 * The one door to native memory and the books that checked mode keeps; for sibling modules only.
 */
package io.caisson.alloc.internal;
