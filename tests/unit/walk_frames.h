// SPDX-License-Identifier: MIT
// What test_walk.c and the frames it walks share.
#ifndef TESTS_UNIT_WALK_FRAMES_H
#define TESTS_UNIT_WALK_FRAMES_H

#include <stdint.h>

// A chain of calls being made: each frame calls next, which picks the one after it.
struct walk_plan {
    long (*next)(struct walk_plan *plan);
    uint64_t seed;
    long depth; // frames still to come
};

typedef long (*walk_frame_fn)(struct walk_plan *plan, long a);

enum { WALK_FRAME_COUNT = 11 };

// The same functions, compiled in different ways.
extern const walk_frame_fn walk_frames_o0[WALK_FRAME_COUNT];
extern const walk_frame_fn walk_frames_o2[WALK_FRAME_COUNT];
extern const walk_frame_fn walk_frames_os[WALK_FRAME_COUNT];
extern const walk_frame_fn walk_frames_fp[WALK_FRAME_COUNT];

#endif
