// SPDX-License-Identifier: MIT
// The bytes behind a small block, from its requested size to the end of its slot, hold a pattern. Whoever finds it changed
// when the block ends or changes its size knows that something wrote past its end: malloc_usable_size answers the
// requested size, so nothing but the guard has a right to them. By default the first 16 of them are looked at, as far
// as there are any (by free of a small block the first one); the option redzone=N sees to it that there are N, and all of
// them are.
//
// Memory of a block is read and written by whoever owns it: it is fresh, or was taken out of the LIVE state.
// Blocks with pages of their own have none: a program may make such pages read-only, or inaccessible, or have the kernel
// drop them, and free them so.
#ifndef RG_HEAP_REDZONE_H
#define RG_HEAP_REDZONE_H

#include "heap/block.h"
#include "heap/view.h"

#include <emmintrin.h>

// No letter, no small number, no part of a usual address.
enum { RG_REDZONE_BYTE = 0xb5, RG_REDZONE_WORD = 16 };

// The option redzone: so many bytes are kept free behind each block. Set before the first one.
extern size_t rg_redzone_wanted;

// Where a word of 16 bytes lies that holds all that is looked at by default: right behind the block, or at the end of
// the slot. A slot has 16 bytes at least.
RG_INLINE size_t rg_redzone_word_at(size_t size, size_t slot_size) {
    size_t last = slot_size - RG_REDZONE_WORD;
    return size < last ? size : last;
}

// Writes the pattern behind a block in a small slot that nothing is in yet: the last bytes of the block may be
// overwritten.
RG_INLINE void rg_redzone_begin(char *p, size_t size, size_t slot_size) {
    _mm_storeu_si128((__m128i *)(p + rg_redzone_word_at(size, slot_size)),
                     _mm_set1_epi8((char)RG_REDZONE_BYTE));
}

// Whether that pattern is as it was.
RG_INLINE bool rg_redzone_is_intact(const char *p, size_t size, size_t slot_size) {
    size_t at = rg_redzone_word_at(size, slot_size);
    __m128i same = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(p + at)),
                                  _mm_set1_epi8((char)RG_REDZONE_BYTE));
    uint32_t own = (1U << (size - at)) - 1; // bytes of the block
    return ((uint32_t)_mm_movemask_epi8(same) | own) == 0xffff;
}

// Whether at least the first byte of it is, which an overrun changes that leaves none out. free asks no more: to load a
// word that was just stored to in parts has to wait for all of them.
RG_INLINE bool rg_redzone_is_untouched(const char *p, size_t size, size_t slot_size) {
    size_t last = slot_size - 1;
    unsigned char first = (unsigned char)p[size < last ? size : last];
    return (first == RG_REDZONE_BYTE) | (size > last);
}

// The same, as far as it is looked at. Nothing of the block is overwritten. room: the size of its slot.
void rg_redzone_write(char *p, size_t size, size_t room);

// The same of a small slot, where no more is wanted than by default.
RG_INLINE void rg_redzone_renew(char *p, size_t size, size_t slot_size) {
    if (rg_likely(slot_size - size >= RG_REDZONE_WORD)) {
        rg_redzone_begin(p, size, slot_size);
    } else {
        rg_redzone_write(p, size, slot_size);
    }
}

// What was found behind a block, by the calling thread.
struct rg_damage {
    struct rg_block_facts block; // as it was then
    size_t first;                // bytes behind the end of the block of the first that was changed
    size_t count;                // how many were changed, at least
};

// Copies memory of a block that may be inaccessible. False: it is.
typedef bool rg_peek_fn(void *dst, const void *src, size_t n);

// False: nothing was changed. peek: how to read it, NULL where it is sure to be accessible.
bool rg_redzone_find_damage(const char *p, size_t size, size_t room, rg_peek_fn *peek,
                            struct rg_damage *ret);

// In a forked child whose parent had other threads: what they were writing at that time, the patterns of their blocks
// included, may not be there, so nothing is said of any block.
extern bool rg_redzone_is_doubtful;

// How that is done. Set before the first one; until then it is taken to be accessible.
extern rg_peek_fn *rg_redzone_peek;

#endif
