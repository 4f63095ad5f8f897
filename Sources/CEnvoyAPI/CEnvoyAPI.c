#include "CEnvoyAPI.h"

#include <stdlib.h>

_Thread_local CEnvoyArena cenvoy_arena;

enum { BLOCK = 64 * 1024 };

static char *contents(CEnvoyBlock *block) { return (char *)(block + 1); }

// Makes a block with room for `size` bytes the current one.
static char *go_to_next_block(size_t size) {
  CEnvoyBlock *current = cenvoy_arena.at.block;
  CEnvoyBlock *next = current ? current->following : NULL;
  if (!next || size > (size_t)(next->end - contents(next))) {
    size_t length = size > BLOCK ? size : BLOCK;
    CEnvoyBlock *block = malloc(sizeof(CEnvoyBlock) + length);
    if (!block) return NULL;
    block->end = contents(block) + length;
    block->following = next;
    if (current) current->following = block;
    next = block;
  }
  cenvoy_arena.at.block = next;
  cenvoy_arena.at.free = contents(next);
  return contents(next);
}

uint8_t *cenvoy_move(const uint8_t *start, size_t used, size_t more) {
  // Twice what is asked, so that a long message moves few times.
  char *moved = go_to_next_block(2 * (used + more));
  if (moved) memcpy(moved, start, used);
  return (uint8_t *)moved;
}

uint32_t cenvoy_open_scope(void) {
  if (cenvoy_arena.depth == CENVOY_SCOPES) return 0;
  // The first block stays for good, so that a mark always names one.
  if (!cenvoy_arena.at.block) {
    if (!go_to_next_block(0)) return 0;
  }
  if (++cenvoy_arena.last_serial == 0) cenvoy_arena.last_serial = 1;
  cenvoy_arena.serials[cenvoy_arena.depth] = cenvoy_arena.last_serial;
  cenvoy_arena.marks[cenvoy_arena.depth] = cenvoy_arena.at;
  cenvoy_arena.depth++;
  return cenvoy_arena.last_serial;
}

void cenvoy_close_scope(void) {
  cenvoy_arena.depth--;
  cenvoy_arena.at = cenvoy_arena.marks[cenvoy_arena.depth];
  if (cenvoy_arena.depth > 0) return;
  // Between units only the first two blocks are kept: a big one must not be paid for ever after.
  CEnvoyBlock *kept = cenvoy_arena.at.block->following;
  if (!kept) return;
  CEnvoyBlock *block = kept->following;
  kept->following = NULL;
  if ((size_t)(kept->end - contents(kept)) > BLOCK) {
    cenvoy_arena.at.block->following = NULL;
    free(kept);
  }
  while (block) {
    CEnvoyBlock *following = block->following;
    free(block);
    block = following;
  }
}

int cenvoy_index_of_type(const char *name, size_t length) {
  unsigned low = 0, high = cenvoy_message_type_count;
  while (low < high) {
    unsigned middle = low + (high - low) / 2;
    const char *candidate = cenvoy_message_types[middle].descriptor->name;
    int order = strncmp(candidate, name, length);
    if (order == 0 && candidate[length] != 0) order = 1;
    if (order == 0) return (int)middle;
    if (order < 0) low = middle + 1; else high = middle;
  }
  return -1;
}
