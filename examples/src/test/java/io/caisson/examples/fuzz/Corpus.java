package io.caisson.examples.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Inputs that were kept, and random changes of them. */
final class Corpus {

  private static final int CHANGES = 8;

  private Corpus() {}

  /** A target: throws if something does not hold for an input. */
  @FunctionalInterface
  interface Target {
    void accept(byte[] input) throws Exception;
  }

  /** Passes changed inputs of a folder of resources to a target, and prints the seed. */
  static void mutate(Class<?> test, String folder, int count, Target target) throws Exception {
    long seed = Long.getLong("caisson.test.seed", System.nanoTime());
    System.out.println(test.getSimpleName() + ", " + folder + ": seed " + seed);
    Random random = new Random(seed);
    List<byte[]> inputs = read(test, test.getSimpleName() + "Inputs/" + folder);
    for (int i = 0; i < count; i++) {
      byte[] input = change(inputs.get(random.nextInt(inputs.size())), random);
      try {
        target.accept(input);
      } catch (Exception | AssertionError e) {
        throw new AssertionError("seed " + seed + ", input " + Arrays.toString(input), e);
      }
    }
  }

  static List<byte[]> read(Class<?> test, String folder) {
    try (Stream<Path> files = Files.list(Path.of(test.getResource(folder).toURI()))) {
      List<byte[]> inputs = new ArrayList<>();
      for (Path file : files.sorted(Comparator.comparing(Path::toString)).toList()) {
        inputs.add(Files.readAllBytes(file));
      }
      return inputs;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] change(byte[] input, Random random) {
    byte[] changed = input.clone();
    for (int i = random.nextInt(CHANGES); i > 0; i--) {
      int at = random.nextInt(changed.length + 1);
      switch (random.nextInt(4)) {
        case 0 -> changed = Arrays.copyOf(changed, at);
        case 1 -> changed = doubled(changed, at);
        default -> {
          if (at < changed.length) {
            changed[at] ^=
                (byte) (random.nextBoolean() ? 1 << random.nextInt(8) : random.nextInt());
          }
        }
      }
    }
    return changed;
  }

  /** Repeats what comes before a place, if that is not much. */
  private static byte[] doubled(byte[] input, int at) {
    byte[] result = Arrays.copyOf(input, input.length + Math.min(at, 100));
    System.arraycopy(input, at, result, result.length - (input.length - at), input.length - at);
    System.arraycopy(input, at - Math.min(at, 100), result, at, Math.min(at, 100));
    return result;
  }
}
