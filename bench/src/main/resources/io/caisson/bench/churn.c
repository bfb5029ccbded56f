/* The patterns of Churn.java on mimalloc from C, step for step. Each prints "NS RSS LIVE". */
#include "patterns.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEED 0x9E3779B97F4A7C15u
#define THREADS 2

static long resident_bytes(void) {
  char line[256];
  long kib = 0;
  FILE *status = fopen("/proc/self/status", "r");
  while (fgets(line, sizeof line, status))
    if (sscanf(line, "VmRSS: %ld", &kib) == 1) break;
  fclose(status);
  return kib << 10;
}

typedef struct {
  char **slots;
  int *sizes;
  int count;
} sized_t;

static sized_t sized(int count) {
  sized_t s = {malloc(count * sizeof(char *)), malloc(count * sizeof(int)), count};
  memset(s.slots, 1, count * sizeof(char *));
  memset(s.sizes, 1, count * sizeof(int));
  memset(s.sizes, 0, count * sizeof(int));
  return s;
}

static inline void fill(sized_t *s, int slot, int size) {
  char *block = allocate(size);
  *block = 1;
  s->slots[slot] = block;
  s->sizes[slot] = size;
}

static inline void empty(sized_t *s, int slot) {
  release(s->slots[slot]);
  s->sizes[slot] = 0;
}

static inline void replace(sized_t *s, int slot, int size) {
  if (s->sizes[slot]) empty(s, slot);
  fill(s, slot, size);
}

static long live_bytes(sized_t *s) {
  long live = 0;
  for (int i = 0; i < s->count; i++) live += s->sizes[i];
  return live;
}

typedef struct {
  int number;
  int generation;
  long allocations;
  sized_t slots;
} worker_t;

static worker_t workers[THREADS];

static void in_threads(void *(*work)(void *)) {
  pthread_t threads[THREADS];
  for (int t = 0; t < THREADS; t++) pthread_create(&threads[t], NULL, work, &workers[t]);
  for (int t = 0; t < THREADS; t++) pthread_join(threads[t], NULL);
}

/* ---- larson ---- */

#define LARSON_SLOTS 1000
#define LARSON_REPLACEMENTS (100 * LARSON_SLOTS)
#define LARSON_GENERATIONS 64

static void *larson_thread(void *arg) {
  worker_t *w = arg;
  uint64_t state = SEED + w->number * LARSON_GENERATIONS + w->generation;
  for (int i = 0; i < LARSON_REPLACEMENTS; i++) {
    int slot = next_below(&state, LARSON_SLOTS);
    replace(&w->slots, slot, 8 + next_below(&state, 993));
  }
  return NULL;
}

static void *larson_worker(void *arg) {
  worker_t *w = arg;
  for (w->generation = 0; w->generation < LARSON_GENERATIONS; w->generation++) {
    pthread_t thread;
    pthread_create(&thread, NULL, larson_thread, w);
    pthread_join(thread, NULL);
  }
  return NULL;
}

static long larson(void) {
  in_threads(larson_worker);
  return (long)THREADS * LARSON_GENERATIONS * LARSON_REPLACEMENTS;
}

/* ---- xmalloc-test ---- */

#define XMALLOC_BATCH 4096
#define XMALLOC_BATCHES 1024

static queue_t xmalloc_queue;
static const int xmalloc_sizes[] = {8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048};

static void *xmalloc_thread(void *arg) {
  worker_t *w = arg;
  uint64_t state = SEED;
  for (int b = 0; b < XMALLOC_BATCHES; b++) {
    if (w->number == 0) {
      char **batch = queue_begin_write(&xmalloc_queue);
      for (int i = 0; i < XMALLOC_BATCH; i++) {
        batch[i] = allocate(xmalloc_sizes[next_below(&state, 17)]);
        *batch[i] = 1;
      }
      queue_end_write(&xmalloc_queue);
    } else {
      char **batch = queue_begin_read(&xmalloc_queue);
      for (int i = 0; i < XMALLOC_BATCH; i++) release(batch[i]);
      queue_end_read(&xmalloc_queue);
    }
  }
  return NULL;
}

static long xmalloc_test(void) {
  queue_init(&xmalloc_queue, XMALLOC_BATCH);
  in_threads(xmalloc_thread);
  return (long)XMALLOC_BATCHES * XMALLOC_BATCH;
}

/* ---- alloc-test ---- */

#define ALLOC_TEST_SLOTS (1 << 18)
#define ALLOC_TEST_STEPS (1 << 22)

static int pareto(uint64_t *state, int count) {
  int fifth = count / 5;
  return next_below(state, 5) ? next_below(state, fifth) : fifth + next_below(state, count - fifth);
}

static int mostly_small(uint64_t bits) {
  int base = 4 << __builtin_ctzl((bits >> 32) | 128);
  return base + 1 + ((int)(bits >> 20) & (base - 1));
}

static void *alloc_test_thread(void *arg) {
  worker_t *w = arg;
  uint64_t state = SEED + w->number;
  for (int i = 0; i < ALLOC_TEST_STEPS; i++) {
    int slot = pareto(&state, w->slots.count);
    if (w->slots.sizes[slot]) {
      empty(&w->slots, slot);
    } else {
      fill(&w->slots, slot, mostly_small(next(&state)));
      w->allocations++;
    }
  }
  return NULL;
}

static long alloc_test(void) {
  in_threads(alloc_test_thread);
  return workers[0].allocations + workers[1].allocations;
}

/* ---- glibc-simple ---- */

#define GLIBC_ROUNDS 400

static long glibc_simple(void) {
  static char *blocks[1600];
  static const int sizes[] = {16, 32, 64}, batches[] = {25, 100, 400, 1600};
  long allocations = 0;
  for (int round = 0; round < GLIBC_ROUNDS; round++)
    for (int s = 0; s < 3; s++)
      for (int b = 0; b < 4; b++) {
        int batch = batches[b];
        for (int i = 0; i < batch; i++) {
          blocks[i] = allocate(sizes[s]);
          *blocks[i] = 1;
        }
        for (int i = 0; i < batch / 2; i++) release(blocks[i]);
        for (int i = batch - 1; i >= batch / 2; i--) release(blocks[i]);
        allocations += batch;
      }
  return allocations;
}

/* ---- large-set ---- */

#define LARGE_SET_SLOTS (1 << 18)

static long large_set(void) {
  sized_t *s = &workers[0].slots;
  uint64_t state = SEED;
  for (int i = 0; i < s->count; i++) fill(s, i, 1 + next_below(&state, 1024));
  for (int i = 0; i < 4 * LARGE_SET_SLOTS; i++) {
    int slot = next_below(&state, s->count);
    replace(s, slot, 1 + next_below(&state, 1024));
  }
  return 4L * LARGE_SET_SLOTS + s->count;
}

/* ---- mstress ---- */

#define MSTRESS_SCALE 50
#define MSTRESS_ITERATIONS 64
#define MSTRESS_TRANSFERS 1000

static sized_t transfers;
static atomic_int transfer_locks[MSTRESS_TRANSFERS];

static int mstress_size(uint64_t *state) {
  int size = 8 << next_below(state, 5);
  return next_below(state, 100) == 0 ? 100 * size : size;
}

static void exchange(sized_t *data, int slot, int transfer) {
  int unlocked = 0;
  while (!atomic_compare_exchange_weak(&transfer_locks[transfer], &unlocked, 1)) unlocked = 0;
  char *block = data->slots[slot];
  int size = data->sizes[slot];
  data->slots[slot] = transfers.slots[transfer];
  data->sizes[slot] = transfers.sizes[transfer];
  transfers.slots[transfer] = block;
  transfers.sizes[transfer] = size;
  atomic_store_explicit(&transfer_locks[transfer], 0, memory_order_release);
}

static void drop(sized_t *s) {
  for (int i = 0; i < s->count; i++)
    if (s->sizes[i]) empty(s, i);
  free(s->slots);
  free(s->sizes);
}

static void *mstress_thread(void *arg) {
  worker_t *w = arg;
  uint64_t state = SEED + w->generation * THREADS + w->number;
  int to_allocate = 100 * MSTRESS_SCALE * (w->number % 8 + 1), to_retain = to_allocate / 2;
  sized_t data = sized(to_allocate), retained = sized(to_retain);
  int top = 0, retained_top = 0;
  while (to_allocate > 0 || to_retain > 0) {
    if (to_retain == 0 || (next_below(&state, 2) == 0 && to_allocate > 0)) {
      to_allocate--;
      fill(&data, top++, mstress_size(&state));
    } else {
      to_retain--;
      fill(&retained, retained_top++, mstress_size(&state));
    }
    if (next_below(&state, 3) != 0 && top > 0) {
      int victim = next_below(&state, top);
      if (data.sizes[victim]) empty(&data, victim);
    }
    if (next_below(&state, 4) == 0 && top > 0) {
      int slot = next_below(&state, top);
      exchange(&data, slot, next_below(&state, MSTRESS_TRANSFERS));
    }
  }
  drop(&data);
  drop(&retained);
  return NULL;
}

static long mstress(void) {
  transfers = sized(MSTRESS_TRANSFERS);
  for (int i = 0; i < MSTRESS_ITERATIONS; i++) {
    for (int t = 0; t < THREADS; t++) workers[t].generation = i;
    in_threads(mstress_thread);
  }
  workers[0].slots = transfers;
  return 100L * MSTRESS_SCALE * 3 * 3 / 2 * MSTRESS_ITERATIONS;
}

/* ---- rptest ---- */

#define RPTEST_SLOTS 1000
#define RPTEST_LOOPS 8000
#define RPTEST_OPERATIONS 100

static queue_t rptest_queues[THREADS];

static void *rptest_thread(void *arg) {
  worker_t *w = arg;
  uint64_t state = SEED + w->number;
  queue_t *mine = &rptest_queues[w->number], *other = &rptest_queues[THREADS - 1 - w->number];
  for (int loop = 0; loop < RPTEST_LOOPS; loop++) {
    for (int i = 0; i < RPTEST_OPERATIONS; i++) {
      int slot = next_below(&state, RPTEST_SLOTS);
      replace(&w->slots, slot, 8 + next_below(&state, 15993));
    }
    if (loop % 2 == 0) {
      char **batch = queue_begin_write(mine);
      for (int i = 0; i < RPTEST_OPERATIONS; i++) {
        batch[i] = allocate(8 + next_below(&state, 15993));
        *batch[i] = 1;
      }
      queue_end_write(mine);
    } else {
      char **batch = queue_begin_read(other);
      for (int i = 0; i < RPTEST_OPERATIONS; i++) release(batch[i]);
      queue_end_read(other);
    }
  }
  return NULL;
}

static long rptest(void) {
  for (int t = 0; t < THREADS; t++) queue_init(&rptest_queues[t], RPTEST_OPERATIONS);
  in_threads(rptest_thread);
  return (long)THREADS * RPTEST_LOOPS * RPTEST_OPERATIONS * 3 / 2;
}

/* ---- cache-scratch ---- */

#define SCRATCH_ITERATIONS 400
#define SCRATCH_WRITES 50000

static void *scratch_thread(void *arg) {
  worker_t *w = arg;
  empty(&w->slots, 0);
  for (int i = 0; i < SCRATCH_ITERATIONS; i++) {
    fill(&w->slots, 0, 8);
    volatile char *block = w->slots.slots[0];
    for (int write = 0; write < SCRATCH_WRITES; write++) block[write & 7] = (char)write;
    empty(&w->slots, 0);
  }
  return NULL;
}

static long cache_scratch(void) {
  for (int t = 0; t < THREADS; t++) fill(&workers[t].slots, 0, 8);
  in_threads(scratch_thread);
  return (long)THREADS * SCRATCH_ITERATIONS * SCRATCH_WRITES;
}

int churn(const char *name) {
  static const struct {
    const char *name;
    long (*run)(void);
    int slots;
  } patterns[] = {
      {"larson", larson, LARSON_SLOTS},
      {"xmalloc-test", xmalloc_test, 1},
      {"alloc-test", alloc_test, ALLOC_TEST_SLOTS / THREADS},
      {"glibc-simple", glibc_simple, 1},
      {"large-set", large_set, LARGE_SET_SLOTS},
      {"mstress", mstress, 1},
      {"rptest", rptest, RPTEST_SLOTS},
      {"cache-scratch", cache_scratch, 1},
  };
  for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
    if (strcmp(name, patterns[i].name)) continue;
    for (int t = 0; t < THREADS; t++) {
      workers[t].number = t;
      workers[t].slots = sized(patterns[i].slots);
    }
    long before = resident_bytes();
    double started = now_ns();
    long allocations = patterns[i].run();
    double ns = (now_ns() - started) / allocations;
    long growth = resident_bytes() - before;
    printf("%f %ld %ld\n", ns, growth, live_bytes(&workers[0].slots) + live_bytes(&workers[1].slots));
    return 1;
  }
  fprintf(stderr, "no pattern %s\n", name);
  return 0;
}
