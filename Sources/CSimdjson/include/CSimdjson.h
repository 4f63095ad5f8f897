#pragma once
// simdjson's parser, and a view of what it made of the last text: the tape, the strings it points
// into, and the byte offsets of the structural characters (which simdjson keeps from its first stage).
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fairlead_json fairlead_json;

/// The views are good until the next parse or the parser's end.
typedef struct {
  const uint64_t *tape;
  const uint8_t *strings;
  const uint32_t *structurals;
  size_t structural_count;
} fairlead_json_view;

fairlead_json *fairlead_json_create(size_t max_depth);
void fairlead_json_destroy(fairlead_json *parser);
/// 0, or an error that `fairlead_json_message` words.
int fairlead_json_parse(fairlead_json *parser, const uint8_t *bytes, size_t count);
fairlead_json_view fairlead_json_parsed(const fairlead_json *parser);
const char *fairlead_json_message(int error);

#ifdef __cplusplus
}
#endif
