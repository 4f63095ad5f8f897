// Counts allocations by standing in front of jemalloc's own functions, in benchmarks and tests alone.
#include "AllocationCounter.h"

#include <jemalloc/jemalloc.h>
#include <stdatomic.h>
#include <stddef.h>

static _Atomic uint64_t count;
static _Thread_local uint64_t count_of_thread;

static void *counted(size_t size, int flags) {
  atomic_fetch_add_explicit(&count, 1, memory_order_relaxed);
  count_of_thread++;
  return mallocx(size ? size : 1, flags);
}

uint64_t allocation_count_of_thread(void) { return count_of_thread; }

uint64_t allocation_count(void) { return atomic_load_explicit(&count, memory_order_relaxed); }

void *malloc(size_t size) { return counted(size, 0); }
void *calloc(size_t members, size_t size) {
  size_t bytes;
  return __builtin_mul_overflow(members, size, &bytes) ? NULL : counted(bytes, MALLOCX_ZERO);
}
void *realloc(void *block, size_t size) {
  if (!block) return counted(size, 0);
  atomic_fetch_add_explicit(&count, 1, memory_order_relaxed);
  count_of_thread++;
  return rallocx(block, size ? size : 1, 0);
}
void *aligned_alloc(size_t alignment, size_t size) {
  return counted(size, MALLOCX_ALIGN(alignment));
}
int posix_memalign(void **block, size_t alignment, size_t size) {
  *block = counted(size, MALLOCX_ALIGN(alignment));
  return *block ? 0 : 12;
}
