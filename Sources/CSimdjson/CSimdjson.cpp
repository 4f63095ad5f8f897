#include "CSimdjson.h"

#include <simdjson.h>

#include <new>

struct fairlead_json {
  simdjson::dom::parser parser;
  size_t max_depth;
};

fairlead_json *fairlead_json_create(size_t max_depth) {
  auto *made = new (std::nothrow) fairlead_json;
  if (made) made->max_depth = max_depth;
  return made;
}

void fairlead_json_destroy(fairlead_json *parser) { delete parser; }

int fairlead_json_parse(fairlead_json *parser, const uint8_t *bytes, size_t count) {
  if (parser->parser.capacity() < count || parser->parser.max_depth() != parser->max_depth) {
    auto error = parser->parser.allocate(count < 64 ? 64 : count, parser->max_depth);
    if (error) return error;
  }
  return parser->parser.parse(bytes, count).error();
}

fairlead_json_view fairlead_json_parsed(const fairlead_json *parser) {
  const auto &inner = *parser->parser.implementation;
  return {parser->parser.doc.tape.get(), parser->parser.doc.string_buf.get(),
          inner.structural_indexes.get(), inner.n_structural_indexes};
}

const char *fairlead_json_message(int error) {
  return simdjson::error_message(static_cast<simdjson::error_code>(error));
}
