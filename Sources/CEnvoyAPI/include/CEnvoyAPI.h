// The messages of proto/ as protobuf-c describes them, and the memory they are built in.
// The message types are made by scripts/generate-envoy-api.sh and linked from generated/libenvoyapi.a;
// nothing generated is included here, because Swift reaches fields through the descriptors.
#pragma once
#include <protobuf-c/protobuf-c.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/// A message type, and what protobuf-c's descriptor does not say of it.
typedef struct {
  const ProtobufCMessageDescriptor *descriptor;
  const char *type_url;
  /// The numbers of the fields that carry secrets, ended by 0; NULL if none does.
  const uint32_t *sensitive;
  uint32_t is_map_entry;
} CEnvoyMessageType;

extern const CEnvoyMessageType cenvoy_message_types[];
extern const unsigned cenvoy_message_type_count;

static inline const CEnvoyMessageType *cenvoy_message_type(unsigned index) {
  return &cenvoy_message_types[index];
}

/// The place of the type with this name in the list, which is sorted by name; -1 if there is none.
int cenvoy_index_of_type(const char *name, size_t length);

/// One block of an arena's memory; the bytes follow it.
typedef struct CEnvoyBlock {
  struct CEnvoyBlock *following;
  char *end;
} CEnvoyBlock;

/// A place in the arena, to go back to.
typedef struct {
  CEnvoyBlock *block;
  char *free;
} CEnvoyMark;

enum { CENVOY_SCOPES = 32 };

/// A thread's memory for messages. Scopes nest; closing one frees what was taken within it.
typedef struct {
  CEnvoyMark at;
  uint32_t last_serial;
  uint32_t depth;
  uint32_t serials[CENVOY_SCOPES];
  CEnvoyMark marks[CENVOY_SCOPES];
} CEnvoyArena;

extern _Thread_local CEnvoyArena cenvoy_arena;

/// Takes `used` bytes from `start` to memory with room for `more` behind them, and answers where that is;
/// NULL only when the system has none.
uint8_t *cenvoy_move(const uint8_t *start, size_t used, size_t more);

/// Where the next message is written; a scope must be open.
static inline uint8_t *cenvoy_free(void) { return (uint8_t *)cenvoy_arena.at.free; }
/// How far it can be written there.
static inline uint8_t *cenvoy_end(void) { return (uint8_t *)cenvoy_arena.at.block->end; }
/// What stands before this place is kept until the innermost scope closes.
static inline void cenvoy_set_free(uint8_t *free) { cenvoy_arena.at.free = (char *)free; }

/// Whether a text would end early as a C string.
static inline int cenvoy_has_nul(const void *text, size_t length) {
  return length > 0 && memchr(text, 0, length) != NULL;
}

/// Opens a scope and answers its serial number; 0 if too many are open.
uint32_t cenvoy_open_scope(void);
/// Closes the innermost scope.
void cenvoy_close_scope(void);

/// The innermost scope's serial number; 0 outside of any.
static inline uint32_t cenvoy_scope(void) {
  return cenvoy_arena.depth ? cenvoy_arena.serials[cenvoy_arena.depth - 1] : 0;
}

/// Whether a scope of this thread is still open.
static inline int cenvoy_is_open(uint32_t serial) {
  for (uint32_t depth = cenvoy_arena.depth; depth > 0; depth--)
    if (cenvoy_arena.serials[depth - 1] == serial) return 1;
  return 0;
}
