package io.caisson.alloc;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks an address or a resource that stays its owner's: whoever gets it uses it and never frees or
 * closes it.
 *
 * <p>On a method: what is returned is valid until its owner's next change, or under a guard; the
 * documentation of the method says until when. On a parameter: the callee may use what is passed
 * for the duration of the call, or for as long as the documentation of the parameter says. On a
 * field: somebody else frees or closes what the field holds.
 *
 * <p>A method that overrides one so marked is marked too.
 *
 * @see Owned
 * @see View
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target({ElementType.METHOD, ElementType.PARAMETER, ElementType.FIELD})
public @interface Borrowed {}
