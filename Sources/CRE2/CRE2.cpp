#include "CRE2.h"

#include <algorithm>
#include <cstring>
#include <re2/re2.h>

int fairlead_re2_compiles(
    const char *pattern, size_t length, char *message, size_t capacity) {
  RE2::Options options;
  options.set_log_errors(false);
  RE2 regex(re2::StringPiece(pattern, length), options);
  if (regex.ok()) return 1;
  const std::string &text = regex.error();
  const size_t count = std::min(text.size(), capacity - 1);
  std::memcpy(message, text.data(), count);
  message[count] = 0;
  return 0;
}

int fairlead_re2_finds(
    const char *pattern, size_t length, const char *text, size_t text_length) {
  RE2::Options options;
  options.set_log_errors(false);
  RE2 regex(re2::StringPiece(pattern, length), options);
  return regex.ok() && RE2::PartialMatch(re2::StringPiece(text, text_length), regex);
}
