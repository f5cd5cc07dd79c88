// SPDX-License-Identifier: MIT
// Calls that go many frames deep, on a way that can be chosen: as many different stacks as wanted.
#ifndef TESTS_BENCH_DEEP_H
#define TESTS_BENCH_DEEP_H

#include <stdint.h>

static uint64_t deep_left(int frames, uint64_t way, uint64_t (*innermost)(uint64_t), uint64_t arg);

static __attribute__((noinline)) uint64_t
deep_right(int frames, uint64_t way, uint64_t (*innermost)(uint64_t), uint64_t arg) {
    if (frames == 0) {
        return innermost(arg) + 1;
    }
    return (way & 1 ? deep_left : deep_right)(frames - 1, way >> 1, innermost, arg) + 1;
}

static __attribute__((noinline)) uint64_t deep_left(int frames, uint64_t way,
                                                    uint64_t (*innermost)(uint64_t), uint64_t arg) {
    if (frames == 0) {
        return innermost(arg) + 2;
    }
    return (way & 1 ? deep_left : deep_right)(frames - 1, way >> 1, innermost, arg) + 1;
}

// Calls innermost(arg) under so many frames; each bit of `way` chooses one of two callers. The result
// depends on that of innermost, so no frame is left out.
static inline uint64_t deep_call(int frames, uint64_t way, uint64_t (*innermost)(uint64_t),
                                 uint64_t arg) {
    return deep_right(frames, way, innermost, arg);
}

#endif
