// Counts allocations by standing in front of jemalloc's own functions, in benchmarks and tests alone.
#include "AllocationCounter.h"

#include <dlfcn.h>
#include <jemalloc/jemalloc.h>
#include <stddef.h>

static _Thread_local uint64_t count_of_thread;

static void *counted(size_t size, int flags) {
  count_of_thread++;
  return mallocx(size ? size : 1, flags);
}

uint64_t allocation_count_of_thread(void) { return count_of_thread; }

// jemalloc's own malloc, as what is measured has it without this: its short way takes half the steps of
// mallocx.
static void *(*own_malloc)(size_t);
__attribute__((constructor)) static void find_own_malloc(void) {
  void *library = dlopen("libjemalloc.so.2", RTLD_LAZY | RTLD_NOLOAD);
  if (library) own_malloc = (void *(*)(size_t))dlsym(library, "malloc");
}

void *malloc(size_t size) {
  if (!own_malloc) return counted(size, 0);
  count_of_thread++;
  return own_malloc(size);
}
void *calloc(size_t members, size_t size) {
  size_t bytes;
  return __builtin_mul_overflow(members, size, &bytes) ? NULL : counted(bytes, MALLOCX_ZERO);
}
void *realloc(void *block, size_t size) {
  if (!block) return counted(size, 0);
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
