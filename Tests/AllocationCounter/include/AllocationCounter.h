#pragma once
#include <stdint.h>

/// Calls of malloc, calloc, realloc and their kin since the process began, on all threads.
uint64_t allocation_count(void);

// The calling thread's alone, for tests, which run beside others.
uint64_t allocation_count_of_thread(void);
