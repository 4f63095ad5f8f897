#pragma once
#include <stdint.h>

/// Calls of malloc, calloc, realloc and their kin since the calling thread began; others run beside it.
uint64_t allocation_count_of_thread(void);
