// SPDX-License-Identifier: MIT
// See redzone.h. State: what is set before the first block.
#include "heap/redzone.h"

#include <string.h>

size_t rg_redzone_wanted;
bool rg_redzone_is_doubtful;

// How many bytes behind the block are looked at.
static size_t zone_bytes(size_t size, size_t room) {
    size_t most = rg_redzone_wanted > RG_REDZONE_WORD ? rg_redzone_wanted : RG_REDZONE_WORD;
    return room - size < most ? room - size : most;
}

void rg_redzone_write(char *p, size_t size, size_t room) {
    memset(p + size, RG_REDZONE_BYTE, zone_bytes(size, room));
}

static bool copy(void *dst, const void *src, size_t n) {
    memcpy(dst, src, n);
    return true;
}

rg_peek_fn *rg_redzone_peek = copy;

enum { PIECE = 64 };

// clang-format off
#define FOUR RG_REDZONE_BYTE, RG_REDZONE_BYTE, RG_REDZONE_BYTE, RG_REDZONE_BYTE
#define SIXTEEN FOUR, FOUR, FOUR, FOUR
// clang-format on
static const unsigned char pattern[PIECE] = {SIXTEEN, SIXTEEN, SIXTEEN, SIXTEEN};

// Counts what differs from the pattern in bytes that are `at` bytes behind the block.
static void count_damage(const unsigned char *bytes, size_t n, size_t at, struct rg_damage *ret) {
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] != RG_REDZONE_BYTE) {
            ret->first = ret->count == 0 ? at + i : ret->first;
            ret->count++;
        }
    }
}

bool rg_redzone_find_damage(const char *p, size_t size, size_t room, rg_peek_fn *peek,
                            struct rg_damage *ret) {
    unsigned char piece[PIECE];
    size_t bytes = zone_bytes(size, room);
    ret->first = ret->count = 0;
    for (size_t at = 0, n; at < bytes && !rg_redzone_is_doubtful; at += n) {
        n = bytes - at < sizeof piece ? bytes - at : sizeof piece;
        if (!(peek ? peek : copy)(piece, p + size + at, n)) {
            return false;
        }
        if (memcmp(piece, pattern, n) != 0) {
            count_damage(piece, n, at, ret);
        }
    }
    return ret->count > 0;
}
