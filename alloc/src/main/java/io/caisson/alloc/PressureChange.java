package io.caisson.alloc;

/**
 * A source of pressure that has come nearer to its limit, or moved away from it.
 *
 * @param source its name
 * @param before how near it was
 * @param now how near it is
 * @param used what is used of it now, in bytes
 * @param limit its limit, in bytes
 */
public record PressureChange(
    String source, PressureLevel before, PressureLevel now, long used, long limit) {}
