// SPDX-License-Identifier: MIT
// Size classes. Small classes share physical pages: a unit of 1, 2 or 4 pages is cut into slots,
// and wider units are used where they cut with less waste. From 129 bytes on no request leaves more
// than 12.5 % of its slot unused, nor is more of a unit left over; below, slots step by 16 bytes.
// Page classes (over half a page, up to 1 MiB) give a block whole pages of its own. Larger blocks
// have no class.
//
// Each class has a bin, and each small class a second one, for blocks that are likely to be moved: seals
// cost the view that they lie in its huge pages, so blocks that stay are kept apart.
#ifndef RG_HEAP_SIZE_CLASS_H
#define RG_HEAP_SIZE_CLASS_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RG_SMALL_CLASSES = 39,
    RG_PAGE_CLASSES = 48,
    RG_CLASSES = RG_SMALL_CLASSES + RG_PAGE_CLASSES,
    RG_BINS = RG_CLASSES + RG_SMALL_CLASSES, // the second bin of small class c is RG_CLASSES + c
    RG_NO_CLASS = RG_BINS,                   // a large block
    RG_SMALL_MAX = 2048,                     // bytes; half a page
    RG_SMALL_ALIGN = 16,                     // every slot starts at a multiple of that
    RG_PAGES_MAX = 256,                      // pages; 1 MiB
};

struct rg_size_class {
    uint32_t slot_size;  // bytes of one slot
    uint32_t unit_bytes; // bytes of one unit: what a block owns of its view
    uint16_t slots;      // slots a unit, which is also the number of views of a span; 1 for pages
};

// Of each bin.
extern const struct rg_size_class rg_size_classes[RG_BINS];

// The smallest class whose slots hold size bytes at a multiple of align (a power of two), or
// RG_NO_CLASS.
unsigned rg_size_class_for(size_t size, size_t align);

// The same for at most RG_SMALL_MAX bytes at a multiple of at most RG_SMALL_ALIGN.
extern const uint8_t rg_size_class_small[RG_SMALL_MAX / RG_SMALL_ALIGN + 1];
RG_INLINE unsigned rg_size_class_for_small(size_t size) {
    return rg_size_class_small[(size + RG_SMALL_ALIGN - 1) / RG_SMALL_ALIGN];
}

// The rest is asked of bins.
static inline bool rg_size_class_is_mobile(unsigned c) {
    return c >= RG_CLASSES;
}

static inline bool rg_size_class_is_small(unsigned c) {
    return c < RG_SMALL_CLASSES || rg_size_class_is_mobile(c);
}

#endif
