// SPDX-License-Identifier: MIT
// See size_class.h. Constant tables only.
#include "heap/size_class.h"

#include "base/vmem.h"

#define SMALL(size, unit_pages, count)                                                             \
    { (size), (unit_pages)*RG_PAGE_SIZE, (count) }
#define PAGES(n)                                                                                   \
    { (n) * RG_PAGE_SIZE, (n)*RG_PAGE_SIZE, 1 }

// clang-format off
#define ALL_SMALL \
    SMALL(16, 1, 256), SMALL(32, 1, 128), SMALL(48, 1, 85), SMALL(64, 1, 64), SMALL(80, 1, 51), \
    SMALL(96, 1, 42), SMALL(112, 1, 36), SMALL(128, 1, 32), SMALL(144, 1, 28), \
    SMALL(160, 1, 25), SMALL(176, 1, 23), SMALL(192, 1, 21), SMALL(208, 1, 19), \
    SMALL(224, 1, 18), SMALL(240, 1, 17), SMALL(256, 1, 16), SMALL(272, 1, 15), \
    SMALL(288, 1, 14), SMALL(304, 1, 13), SMALL(336, 1, 12), SMALL(368, 1, 11), \
    SMALL(400, 1, 10), SMALL(448, 1, 9), SMALL(512, 1, 8), SMALL(576, 1, 7), SMALL(624, 2, 13), \
    SMALL(672, 1, 6), SMALL(736, 2, 11), SMALL(816, 1, 5), SMALL(896, 2, 9), SMALL(1024, 1, 4), \
    SMALL(1088, 4, 15), SMALL(1168, 2, 7), SMALL(1248, 4, 13), SMALL(1360, 1, 3), \
    SMALL(1488, 4, 11), SMALL(1632, 2, 5), SMALL(1808, 4, 9), SMALL(2048, 1, 2)
// clang-format on

const struct rg_size_class rg_size_classes[RG_BINS] = {
    // clang-format off
    ALL_SMALL,
    PAGES(1), PAGES(2), PAGES(3), PAGES(4), PAGES(5), PAGES(6), PAGES(7), PAGES(8), PAGES(9),
    PAGES(10), PAGES(11), PAGES(12), PAGES(13), PAGES(14), PAGES(15), PAGES(16), PAGES(18),
    PAGES(20), PAGES(22), PAGES(24), PAGES(26), PAGES(28), PAGES(30), PAGES(32), PAGES(36),
    PAGES(40), PAGES(44), PAGES(48), PAGES(52), PAGES(56), PAGES(60), PAGES(64), PAGES(72),
    PAGES(80), PAGES(88), PAGES(96), PAGES(104), PAGES(112), PAGES(120), PAGES(128), PAGES(144),
    PAGES(160), PAGES(176), PAGES(192), PAGES(208), PAGES(224), PAGES(240), PAGES(256),
    ALL_SMALL,
    // clang-format on
};

const uint8_t rg_size_class_small[RG_SMALL_MAX / RG_SMALL_ALIGN + 1] = {
    // clang-format off
    0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 19, 20, 20, 21, 21,
    22, 22, 22, 23, 23, 23, 23, 24, 24, 24, 24, 25, 25, 25, 26, 26, 26, 27, 27, 27, 27, 28, 28,
    28, 28, 28, 29, 29, 29, 29, 29, 30, 30, 30, 30, 30, 30, 30, 30, 31, 31, 31, 31, 32, 32, 32,
    32, 32, 33, 33, 33, 33, 33, 34, 34, 34, 34, 34, 34, 34, 35, 35, 35, 35, 35, 35, 35, 35, 36,
    36, 36, 36, 36, 36, 36, 36, 36, 37, 37, 37, 37, 37, 37, 37, 37, 37, 37, 37, 38, 38, 38, 38,
    38, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38,
    // clang-format on
};

static unsigned page_class(size_t pages) {
    // 16 classes of one page, then eight to each doubling.
    if (pages <= 16) {
        return RG_SMALL_CLASSES + (unsigned)pages - 1;
    }
    unsigned log = 63 - (unsigned)__builtin_clzl(pages - 1); // 2^log < pages <= 2^(log + 1)
    size_t step = (size_t)1 << (log - 3);
    unsigned within = (unsigned)((pages - ((size_t)1 << log) + step - 1) / step);
    return RG_SMALL_CLASSES + 16 + (log - 4) * 8 + within - 1;
}

unsigned rg_size_class_for(size_t size, size_t align) {
    if (size <= RG_SMALL_MAX && align < RG_PAGE_SIZE) {
        unsigned c = rg_size_class_for_small(size);
        // A slot starts at a multiple of its size, so the size decides its alignment.
        while (c < RG_SMALL_CLASSES && (rg_size_classes[c].slot_size & (align - 1)) != 0) {
            c++;
        }
        if (c < RG_SMALL_CLASSES) {
            return c;
        }
    }
    if (align > RG_PAGE_SIZE || size > (size_t)RG_PAGES_MAX * RG_PAGE_SIZE) {
        return RG_NO_CLASS;
    }
    size_t pages = (size + RG_PAGE_SIZE - 1) / RG_PAGE_SIZE;
    return page_class(pages ? pages : 1);
}
