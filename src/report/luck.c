// SPDX-License-Identifier: MIT
// See luck.h. State: a table of stacks, whose entries are claimed by a compare-and-exchange and never given up.
#include "report/luck.h"

#include "base/options.h"
#include "report/note.h"
#include "report/text.h"

#include <stdatomic.h>
#include <string.h>

enum { PLACES = 1024 };

static struct place {
    _Atomic uint32_t stack; // 0: free
    _Atomic uint32_t moves;
} places[PLACES];
static _Atomic size_t not_noted; // moves for which there was no place left

static struct rg_frames frames;

// A chunk has a header of 8 bytes, a multiple of 16 bytes and at least 32; its last 8 bytes are the next one's.
bool rg_luck_stays(size_t old_size, size_t size) {
    size_t chunk = (old_size + 8 + 15) / 16 * 16;
    return size > 0 && size <= (chunk < 32 ? 32 : chunk) - 8;
}

void rg_luck_note(uint32_t stack) {
    for (uint32_t i = 0; i < PLACES && stack != 0; i++) {
        struct place *p = &places[(stack * 2654435761U + i) % PLACES];
        uint32_t found = 0;
        if (atomic_compare_exchange_strong(&p->stack, &found, stack) || found == stack) {
            atomic_fetch_add(&p->moves, 1);
            return;
        }
    }
    atomic_fetch_add(&not_noted, 1);
}

// The place that most moves were taken of and are not told yet.
static size_t most_frequent(const uint32_t *moves) {
    size_t most = 0;
    for (size_t i = 1; i < PLACES; i++) {
        most = moves[i] > moves[most] ? i : most;
    }
    return most;
}

static void tell_place(const struct place *p, uint32_t moves) {
    char line[500];
    struct rg_buf b;
    uintptr_t pcs[RG_STACK_DEPTH_MAX];
    struct rg_stack stack =
        rg_depot_get((struct rg_stack_id){atomic_load(&p->stack)}, pcs, RG_STACK_DEPTH_MAX);
    rg_frames_resolve(&stack, (size_t)rg_options.malloc_context_size, &frames);
    rg_buf_init(&b, line, sizeof line);
    rg_buf_str(&b, "by luck: realloc at ");
    rg_text_put_place(&b, &frames);
    rg_buf_fmt(&b, " moved %u block%s that the C library would have left in place", moves,
               moves == 1 ? "" : "s");
    rg_note_write(
        &(struct rg_note){.topic = "luck", .text = line, .frames = &frames, .moves = moves});
}

void rg_luck_tell(void) {
    static uint32_t moves[PLACES]; // other threads may go on counting
    for (size_t i = 0; i < PLACES; i++) {
        moves[i] = atomic_exchange(&places[i].moves, 0);
    }
    for (size_t most; moves[most = most_frequent(moves)] > 0; moves[most] = 0) {
        tell_place(&places[most], moves[most]);
    }
    size_t others = atomic_exchange(&not_noted, 0);
    if (others > 0) {
        char line[200];
        struct rg_buf b;
        rg_buf_init(&b, line, sizeof line);
        rg_buf_fmt(&b, "by luck: %zu more at other places", others);
        rg_note_write(&(struct rg_note){.topic = "luck", .text = line, .moves = others});
    }
}

void rg_luck_after_fork(void) {
    memset(places, 0, sizeof places);
    atomic_store(&not_noted, 0);
}
