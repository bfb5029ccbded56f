/* The allocation patterns of AllocatorBenchmark, on mimalloc from C: the measure that the Java
 * allocators are held against. The functions of the library are passed in, so that it is the very
 * file that Java calls. Each pattern is that of AllocationPatterns.java, step for step. */
#include <stdint.h>
#include <stddef.h>

typedef void *(*allocate_fn)(size_t);
typedef void (*free_fn)(void *);

#define SLOTS 1024
#define BULK 1000

static allocate_fn allocate;
static free_fn release;
static char *slots[SLOTS];
static char *bulk[BULK];
static uint64_t state = 0x9E3779B97F4A7C15u;

void start(allocate_fn a, free_fn f) {
  allocate = a;
  release = f;
  for (int i = 0; i < SLOTS; i++) slots[i] = allocate(16);
}

void stop(void) {
  for (int i = 0; i < SLOTS; i++) release(slots[i]);
}

static inline uint64_t next(void) {
  uint64_t x = state;
  x ^= x << 13;
  x ^= x >> 7;
  x ^= x << 17;
  return state = x;
}

long pair(long steps, long size) {
  for (long i = 0; i < steps; i++) {
    volatile char *block = allocate(size);
    *block = 1;
    release((void *)block);
  }
  return steps;
}

long churn(long steps, long max) {
  for (long i = 0; i < steps; i++) {
    uint64_t random = next();
    int slot = random & (SLOTS - 1);
    size_t size = 1 + (((random >> 32) * max) >> 32);
    release(slots[slot]);
    char *block = allocate(size);
    *block = 1;
    slots[slot] = block;
  }
  return steps;
}

long batch(long size) {
  for (int i = 0; i < BULK; i++) {
    bulk[i] = allocate(size);
    *bulk[i] = 1;
  }
  for (int i = 0; i < BULK; i++) release(bulk[i]);
  return BULK;
}
