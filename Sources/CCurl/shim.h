#pragma once
// libcurl's setters and getters are variadic, which Swift cannot call: one function for each type.
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

typedef size_t (*curl_receiver)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode curl_set_number(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode curl_set_text(CURL *easy, CURLoption option, const char *text) {
  return curl_easy_setopt(easy, option, text);
}

static inline CURLcode curl_set_pointer(CURL *easy, CURLoption option, void *pointer) {
  return curl_easy_setopt(easy, option, pointer);
}

static inline CURLcode curl_set_size(CURL *easy, CURLoption option, int64_t size) {
  return curl_easy_setopt(easy, option, (curl_off_t)size);
}

static inline CURLcode curl_set_receiver(CURL *easy, CURLoption option, curl_receiver receiver) {
  return curl_easy_setopt(easy, option, receiver);
}

static inline CURLcode curl_set_opener(CURL *easy, curl_opensocket_callback opener) {
  return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, opener);
}

/// Copies the bytes.
static inline CURLcode curl_set_blob(CURL *easy, CURLoption option, const void *bytes, size_t count) {
  struct curl_blob blob = {(void *)bytes, count, CURL_BLOB_COPY};
  return curl_easy_setopt(easy, option, &blob);
}

static inline CURLcode curl_get_number(CURL *easy, CURLINFO field, long *value) {
  return curl_easy_getinfo(easy, field, value);
}

static inline CURLcode curl_get_pointer(CURL *easy, CURLINFO field, void **value) {
  return curl_easy_getinfo(easy, field, value);
}

static inline CURLMcode curl_multi_set_number(CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}

static inline CURLMcode curl_multi_set_context(CURLM *multi, CURLMoption option, void *context) {
  return curl_multi_setopt(multi, option, context);
}

static inline CURLMcode curl_multi_set_socket_callback(CURLM *multi, curl_socket_callback called) {
  return curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, called);
}

static inline CURLMcode curl_multi_set_timer_callback(
    CURLM *multi, curl_multi_timer_callback called) {
  return curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, called);
}
