package io.caisson.stress;

import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * How hard to try.
 *
 * @param home the directory of this module
 * @param only selects by name what is run, where the name contains a match
 * @param thorough whether to try every compiler mode and the whole model
 * @param scenarios how many scenarios Lincheck makes for each subject
 * @param torture for how long each torture program works
 * @param mutantTorture for how long a torture program works on a mutant at most
 * @param seed what the choices of the torture programs follow from
 */
record Plan(
    Path home,
    Pattern only,
    boolean thorough,
    int scenarios,
    Duration torture,
    Duration mutantTorture,
    long seed) {}
