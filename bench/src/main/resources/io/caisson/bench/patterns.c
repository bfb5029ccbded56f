/* The allocation patterns on mimalloc from C: the measure that the Java allocators are held
 * against. Each pattern is that of AddressPatterns.java, step for step. A library for the JMH
 * benchmarks, and a program that PatternProcess.java has its counterpart in. */
#define _GNU_SOURCE
#include "patterns.h"
#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SLOTS 1024
#define BULK 1000
#define BATCH 256
#define BATCHES 2000
#define ALIGNMENT 8

allocate_fn allocate;
allocate_aligned_fn allocate_aligned;
free_fn release;

static char *slots[SLOTS];
static char *bulk_slots[BULK];
static uint64_t state = 0x9E3779B97F4A7C15u;

void start(allocate_fn a, allocate_aligned_fn aligned, free_fn f) {
  allocate = a;
  allocate_aligned = aligned;
  release = f;
  for (int i = 0; i < SLOTS; i++) slots[i] = allocate(16);
}

void stop(void) {
  for (int i = 0; i < SLOTS; i++) release(slots[i]);
}

double now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

/* ---- the queue ---- */

void queue_init(queue_t *q, long batch) {
  memset(q, 0, sizeof *q);
  q->batch = batch;
  q->slots = calloc(QUEUE_BATCHES * batch, sizeof *q->slots);
}

void queue_free(queue_t *q) { free(q->slots); }

static void pause_a_while(int spins) {
  if (spins < 1000) __builtin_ia32_pause();
  else sched_yield();
}

char **queue_begin_write(queue_t *q) {
  uint64_t mine = atomic_load_explicit(&q->written, memory_order_relaxed);
  for (int spins = 0; mine - atomic_load_explicit(&q->read, memory_order_acquire) == QUEUE_BATCHES; spins++)
    pause_a_while(spins);
  return q->slots + (mine & (QUEUE_BATCHES - 1)) * q->batch;
}

void queue_end_write(queue_t *q) {
  atomic_store_explicit(&q->written, q->written + 1, memory_order_release);
}

int queue_can_read(queue_t *q) {
  return atomic_load_explicit(&q->written, memory_order_acquire)
      != atomic_load_explicit(&q->read, memory_order_relaxed);
}

char **queue_begin_read(queue_t *q) {
  for (int spins = 0; !queue_can_read(q); spins++) pause_a_while(spins);
  return q->slots + (q->read & (QUEUE_BATCHES - 1)) * q->batch;
}

void queue_end_read(queue_t *q) {
  atomic_store_explicit(&q->read, q->read + 1, memory_order_release);
}

/* ---- the patterns ---- */

void pair(long steps, long size, long alignment) {
  if (alignment <= 16) {
    for (long i = 0; i < steps; i++) {
      volatile char *block = allocate(size);
      *block = 1;
      release((void *)block);
    }
  } else {
    for (long i = 0; i < steps; i++) {
      volatile char *block = allocate_aligned(size, alignment);
      *block = 1;
      release((void *)block);
    }
  }
}

void random_sizes(long steps, long max) {
  for (long i = 0; i < steps; i++) {
    uint64_t bits = next(&state);
    int slot = bits & (SLOTS - 1);
    size_t size = 1 + (((bits >> 32) * max) >> 32);
    release(slots[slot]);
    char *block = allocate(size);
    *block = 1;
    slots[slot] = block;
  }
}

void bulk(long size) {
  for (int i = 0; i < BULK; i++) {
    bulk_slots[i] = allocate(size);
    *bulk_slots[i] = 1;
  }
  for (int i = 0; i < BULK; i++) release(bulk_slots[i]);
}

static void *free_batches(void *arg) {
  queue_t *q = arg;
  for (int b = 0; b < BATCHES; b++) {
    char **batch = queue_begin_read(q);
    for (int i = 0; i < BATCH; i++) release(batch[i]);
    queue_end_read(q);
  }
  return NULL;
}

void hand_over(long size) {
  queue_t q;
  queue_init(&q, BATCH);
  pthread_t reader;
  pthread_create(&reader, NULL, free_batches, &q);
  for (int b = 0; b < BATCHES; b++) {
    char **batch = queue_begin_write(&q);
    for (int i = 0; i < BATCH; i++) {
      batch[i] = allocate(size);
      *batch[i] = 1;
    }
    queue_end_write(&q);
  }
  pthread_join(reader, NULL);
  queue_free(&q);
}

/* ---- the program: LIBRARY PATTERN [SIZE ALIGNMENT] ---- */

#define STEPS 10000
#define SAMPLES 15
#define SAMPLE_NS 15e6
#define WARM_UP_NS 100e6

static long run(const char *pattern, long size, long alignment) {
  if (!strcmp(pattern, "pair")) return pair(STEPS, size, alignment), STEPS;
  if (!strcmp(pattern, "random")) return random_sizes(STEPS, size), STEPS;
  if (!strcmp(pattern, "bulk")) return bulk(size), BULK;
  if (!strcmp(pattern, "hand-over")) return hand_over(size), (long)BATCH * BATCHES;
  fprintf(stderr, "no pattern %s\n", pattern);
  exit(1);
}

static double sample(const char *pattern, long size, long alignment, double budget) {
  double started = now_ns(), now;
  long steps = 0;
  do {
    steps += run(pattern, size, alignment);
    now = now_ns();
  } while (now - started < budget);
  return (now - started) / steps;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  void *library = dlopen(argv[1], RTLD_NOW | RTLD_GLOBAL);
  if (!library) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  start((allocate_fn)dlsym(library, "mi_malloc"),
        (allocate_aligned_fn)dlsym(library, "mi_malloc_aligned"),
        (free_fn)dlsym(library, "mi_free"));
  if (argc == 3) return churn(argv[2]) ? 0 : 1;
  long size = atol(argv[3]), alignment = atol(argv[4]);
  sample(argv[2], size, alignment, WARM_UP_NS);
  double samples[SAMPLES];
  for (int i = 0; i < SAMPLES; i++) samples[i] = sample(argv[2], size, alignment, SAMPLE_NS);
  qsort(samples, SAMPLES, sizeof *samples, ascending);
  printf("%.3f\n", samples[SAMPLES / 2]);
  return 0;
}
