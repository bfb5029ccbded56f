package io.caisson.alloc;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a flyweight: an object of its own that shows memory which something else owns.
 *
 * <p>A view is never freed or closed. It ends with what it shows: at the owner's next change of
 * size or capacity, or its close. On a type: all its instances are views, and the documentation of
 * the type says what ends them. On a method, a parameter or a field: this one is.
 *
 * <p>A method that overrides one so marked is marked too.
 *
 * @see Owned
 * @see Borrowed
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target({ElementType.TYPE, ElementType.METHOD, ElementType.PARAMETER, ElementType.FIELD})
public @interface View {}
