/** Checks for users' own allocators and collections, and for ours. */
package io.caisson.testkit;
