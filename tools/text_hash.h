// SPDX-License-Identifier: MIT
// A hash of a text for finding it again within a run: 64-bit FNV-1a. Pure.
#ifndef RG_TOOLS_TEXT_HASH_H
#define RG_TOOLS_TEXT_HASH_H

#include <stdint.h>

static inline uint64_t rg_text_hash(const char *text) {
    uint64_t hash = 0xcbf29ce484222325U;
    for (; *text; text++) {
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3U;
    }
    return hash;
}

#endif
