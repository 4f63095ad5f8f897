#pragma once
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Whether RE2 compiles `pattern`. If not, RE2's message is in `message`, cut to `capacity` bytes and
/// ended with a zero.
int fairlead_re2_compiles(
    const char *pattern, size_t length, char *message, size_t capacity);

/// Whether `pattern` is found anywhere in `text`; false for one that does not compile.
int fairlead_re2_finds(
    const char *pattern, size_t length, const char *text, size_t text_length);

#ifdef __cplusplus
}
#endif
