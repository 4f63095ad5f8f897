#pragma once
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Whether RE2 compiles `pattern`. If not, RE2's message is in `message`, cut to `capacity` bytes and
/// ended with a zero.
int fairlead_re2_compiles(
    const char *pattern, size_t length, char *message, size_t capacity);

#ifdef __cplusplus
}
#endif
