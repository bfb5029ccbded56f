/* What patterns.c and churn.c share: the functions of mimalloc, passed in so that it is the very
 * file that Java calls, and the random numbers and the queue of the Java side. */
#include <stddef.h>
#include <stdint.h>

typedef void *(*allocate_fn)(size_t);
typedef void *(*allocate_aligned_fn)(size_t, size_t);
typedef void (*free_fn)(void *);

extern allocate_fn allocate;
extern allocate_aligned_fn allocate_aligned;
extern free_fn release;

double now_ns(void);

/* Xorshift.java */
static inline uint64_t next(uint64_t *state) {
  uint64_t x = *state;
  x ^= x << 13;
  x ^= x >> 7;
  x ^= x << 17;
  return *state = x;
}

static inline long next_below(uint64_t *state, long limit) {
  return ((next(state) >> 32) * limit) >> 32;
}

/* BatchQueue.java */
#define QUEUE_BATCHES 16

typedef struct {
  _Alignas(128) _Atomic uint64_t written;
  _Alignas(128) _Atomic uint64_t read;
  long batch;
  char **slots;
} queue_t;

void queue_init(queue_t *q, long batch);
void queue_free(queue_t *q);
char **queue_begin_write(queue_t *q);
void queue_end_write(queue_t *q);
int queue_can_read(queue_t *q);
char **queue_begin_read(queue_t *q);
void queue_end_read(queue_t *q);

/* churn.c: runs a pattern, returns 0 if there is none of that name. */
int churn(const char *name);
