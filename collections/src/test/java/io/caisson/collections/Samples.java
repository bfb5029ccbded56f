package io.caisson.collections;

import java.lang.invoke.MethodHandles;
import java.util.Random;

/** Records that tests keep off the heap. */
final class Samples {

  record Point(double x, float y) {}

  /** A component of every kind whose {@code equals} is that of its bytes. */
  record Everything(
      boolean flag,
      long id,
      byte tiny,
      short small,
      char letter,
      int number,
      Point at,
      float ratio,
      double price,
      @FixedLength(11) String name) {}

  record Label(@FixedLength(6) String name, int number) {}

  static final double ODD_NAN = Double.longBitsToDouble(0x7ff8_0000_dead_beefL);
  static final float ODD_FLOAT_NAN = Float.intBitsToFloat(0x7fc0_1234);

  private static final double[] DOUBLES = {
    0.0, -0.0, 1.5, Double.NaN, ODD_NAN, Double.MIN_VALUE, Double.NEGATIVE_INFINITY
  };

  private static final String[] TEXTS = {
    "", "a", "elevenbytes", "süß", "\uD83D\uDE00", "a\0b", "\uFFFF", "日本語"
  };

  private Samples() {}

  static RecordCodec<Everything> everything() {
    return RecordCodec.of(MethodHandles.lookup(), Everything.class);
  }

  static RecordCodec<Label> key() {
    return RecordCodec.of(MethodHandles.lookup(), Label.class);
  }

  static Everything everything(Random random) {
    double odd = DOUBLES[random.nextInt(DOUBLES.length)];
    return new Everything(
        random.nextBoolean(),
        random.nextLong(),
        (byte) random.nextInt(),
        (short) random.nextInt(),
        (char) random.nextInt(),
        random.nextInt(),
        new Point(random.nextGaussian(), random.nextBoolean() ? ODD_FLOAT_NAN : -0.0f),
        random.nextFloat(),
        odd,
        TEXTS[random.nextInt(TEXTS.length)]);
  }

  static Label key(int number) {
    return new Label("key" + number % 7, number / 3);
  }
}
