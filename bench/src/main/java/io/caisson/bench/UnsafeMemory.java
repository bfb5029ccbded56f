package io.caisson.bench;

import java.lang.reflect.Field;
import sun.misc.Unsafe;

/** Unsafe.allocateMemory, which takes no alignment. */
final class UnsafeMemory implements PeerAllocator {

  private static final Unsafe UNSAFE = unsafe();

  private static Unsafe unsafe() {
    try {
      Field field = Unsafe.class.getDeclaredField("theUnsafe");
      field.setAccessible(true);
      return (Unsafe) field.get(null);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  @Override
  public long allocate(long byteSize, long byteAlignment) {
    return UNSAFE.allocateMemory(byteSize);
  }

  @Override
  public void free(long address, long byteSize, long byteAlignment) {
    UNSAFE.freeMemory(address);
  }

  @Override
  public String name() {
    return "unsafe";
  }
}
