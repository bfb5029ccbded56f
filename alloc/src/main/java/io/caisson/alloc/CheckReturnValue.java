package io.caisson.alloc;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a method whose result the caller must look at: a block that leaks if it is dropped, or an
 * answer without which the caller does not know what it has.
 *
 * <p>Tools that check this, such as Error Prone, SpotBugs and IntelliJ IDEA, know the annotation by
 * its simple name. Here it is an error in the build.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface CheckReturnValue {}
