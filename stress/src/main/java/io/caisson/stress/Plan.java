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
 * @param mutantScenarios how many scenarios Lincheck makes at most to catch a mutant
 * @param mutantTorture for how long a torture program works on a mutant at first
 * @param mutantRounds how often it does, for twice as long each time, until it has caught it
 * @param seed what the choices of the torture programs follow from
 */
record Plan(
    Path home,
    Pattern only,
    boolean thorough,
    int scenarios,
    Duration torture,
    int mutantScenarios,
    Duration mutantTorture,
    int mutantRounds,
    long seed) {}
