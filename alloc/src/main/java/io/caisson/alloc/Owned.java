package io.caisson.alloc;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks an address or a resource that changes hands: whoever gets it must free or close it.
 *
 * <p>On a method: the caller owns what is returned, unless it is {@code NULL}. On a parameter: the
 * callee takes over what is passed, and the caller must not use it any more once the call has
 * succeeded. On a field: the object frees or closes what the field holds. The documentation of the
 * element says how it is freed.
 *
 * <p>A method that overrides one so marked is marked too.
 *
 * @see Borrowed
 * @see View
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target({ElementType.METHOD, ElementType.PARAMETER, ElementType.FIELD})
public @interface Owned {}
