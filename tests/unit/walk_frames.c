// SPDX-License-Identifier: MIT
// Functions of every frame shape that compilers make, for test_walk.c. Compiled several times with
// different options; FRAMES is the name of the table they are reached through.
#include "walk_frames.h"

#include <alloca.h>
#include <unistd.h>

// Keeps memory in use, so that the frame has to have it.
static void use(void *p) {
    __asm__ volatile("" : : "r"(p) : "memory");
}

static long plain(struct walk_plan *plan, long a) {
    long r = plan->next(plan);
    return r + a;
}

static long with_alloca(struct walk_plan *plan, long a) {
    char *p = alloca((size_t)(a & 255) + 1);
    p[0] = (char)a;
    use(p);
    long r = plan->next(plan);
    use(p);
    return r + p[0];
}

static long realigned(struct walk_plan *plan, long a) {
    _Alignas(64) char block[64];
    block[7] = (char)a;
    use(block);
    long r = plan->next(plan);
    use(block);
    return r + block[7];
}

static long realigned_with_alloca(struct walk_plan *plan, long a) {
    _Alignas(128) char block[128];
    char *p = alloca((size_t)(a & 127) + 1);
    use(block);
    use(p);
    long r = plan->next(plan);
    use(block);
    use(p);
    return r + a;
}

static long realigned_with_many_registers(struct walk_plan *plan, long a) {
    _Alignas(64) long block[8];
    long b = a * 3, c = a * 5, d = a * 7, e = a * 11, f = a * 13;
    use(block);
    long r = plan->next(plan);
    use(block);
    return r + a + b * c + d * e + f;
}

static long with_many_registers(struct walk_plan *plan, long a) {
    long b = a * 3, c = a * 5, d = a * 7, e = a * 11, f = a * 13, g = a * 17;
    long r = plan->next(plan);
    return r + a * b + c * d + e * f + g + plan->depth;
}

static long recursive(struct walk_plan *plan, long a) {
    if ((a & 7) == 0) {
        return plan->next(plan);
    }
    return recursive(plan, a - 1) + 1;
}

static long with_stack_arguments(struct walk_plan *plan, long a, long b, long c, long d, long e,
                                 long f, long g) {
    return plan->next(plan) + a + b + c + d + e + f + g;
}

static long through_stack_arguments(struct walk_plan *plan, long a) {
    long (*volatile fn)(struct walk_plan *, long, long, long, long, long, long, long) =
        with_stack_arguments;
    return fn(plan, a, a + 1, a + 2, a + 3, a + 4, a + 5, a + 6) + a;
}

static long large_frame(struct walk_plan *plan, long a) {
    char block[9000];
    block[a & 4095] = (char)a;
    use(block);
    long r = plan->next(plan);
    use(block);
    return r + block[0];
}

static long early_exit(struct walk_plan *plan, long a) {
    // A shrink-wrapped prologue: the frame is made on one path only.
    if (plan->depth < 0) {
        return a;
    }
    long b = a * 3, c = a * 7;
    long r = plan->next(plan);
    return r + b * c;
}

static long with_calls(struct walk_plan *plan, long a) {
    // Calls into another object, through the procedure linkage table.
    char text[32] = {(char)a}, swapped[32];
    swab(text, swapped, sizeof text);
    use(swapped);
    long r = plan->next(plan);
    swab(swapped, text, sizeof text);
    use(text);
    return r + text[0];
}

const walk_frame_fn FRAMES[WALK_FRAME_COUNT] = {
    plain,
    with_alloca,
    realigned,
    realigned_with_alloca,
    realigned_with_many_registers,
    with_many_registers,
    recursive,
    through_stack_arguments,
    large_frame,
    early_exit,
    with_calls,
};
