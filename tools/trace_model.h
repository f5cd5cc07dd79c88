// SPDX-License-Identifier: MIT
// What a trace adds up to: totals, the live blocks of each moment, and figures for each stack. Memory grows with live blocks
// and distinct stacks. How it counts:
//   - a call of malloc & co. and a call of realloc that succeeds are allocations, each of the size that was asked for; a
//     realloc also ends the block that it was given. So the bytes that were ever allocated are the sum of all sizes.
//   - blocks from before the trace (a forked child's, of its parent) are not counted; the calls that end them are, apart.
#ifndef RG_TOOLS_TRACE_MODEL_H
#define RG_TOOLS_TRACE_MODEL_H

#include "trace_reader.h"

// Of one stack, or of all. A live block counts for the call that gave it its size; its life, from the first allocation to
// its end and through all calls of realloc, for the one that it was first allocated by.
struct rg_trace_figures {
    uint64_t allocations, bytes; // as above
    uint64_t reallocs;           // of these
    uint64_t moved,
        forced; // of the reallocs: how many moved, and of these those that the guard alone wanted
    uint64_t copied_bytes; // by those that moved: the smaller of both sizes
    uint64_t live_blocks, live_bytes;
    uint64_t peak_blocks, peak_bytes;       // the most of each that there was, of this stack alone
    uint64_t at_peak_blocks, at_peak_bytes; // when all of the program was at its peak of bytes
    uint64_t temporary;                     // blocks that the same thread freed by its next call
    uint64_t lifetime_ns;                   // sum over the blocks that have ended
    uint64_t ended;                         // how many
    uint64_t failed;
};

// A live block.
struct rg_trace_block {
    uint64_t address, size; // address 0: none
    uint64_t number;        // from 1 on, in the order of allocation; realloc keeps it
    uint64_t born; // ticks of the allocation, of the first one where realloc gave it its size
    uint32_t birth_stack; // of that first one
    uint32_t stack;       // of the call that gave it its size
    uint32_t thread;      // of that call
    uint32_t reallocs;    // of this block
};

struct rg_trace_model;

// Of a free that is not in the trace, since a part of the trace is lost: its block's address was given out again.
static inline bool rg_trace_is_lost_free(const struct rg_trace_event *e) {
    return e->kind == RG_TRACE_FREE && e->how == RG_TRACE_HOWS;
}

// Told after each event; and before one that gives out the address of a live block, of that block's lost free, which is no
// event of the trace: it has no stack, and the time of the event. before: the block that was given to realloc or free, its
// address 0 where there was none that is known; after: what has come of it, or the new one; address 0 where there is none.
typedef void rg_trace_event_fn(void *arg, const struct rg_trace_event *e, uint32_t thread,
                               const struct rg_trace_block *before,
                               const struct rg_trace_block *after);

struct rg_trace_model *rg_trace_model_open(void);
void rg_trace_model_close(struct rg_trace_model *m);

// Takes one event in. fn may be NULL.
void rg_trace_model_add(struct rg_trace_model *m, const struct rg_trace_reader *r,
                        const struct rg_trace_event *e, uint32_t thread, rg_trace_event_fn *fn,
                        void *arg);

// Reads a whole trace, from the beginning. fn is told of each event once, and may be NULL.
// progress: whether to say on standard error, if that is a terminal, how far it is.
void rg_trace_model_read(struct rg_trace_model *m, struct rg_trace_reader *r, rg_trace_event_fn *fn,
                         void *arg, bool progress);

const struct rg_trace_figures *rg_trace_model_totals(const struct rg_trace_model *m);
const struct rg_trace_figures *rg_trace_model_of(const struct rg_trace_model *m, uint32_t stack);
// No figures are of a higher stack.
uint32_t rg_trace_model_last_stack(const struct rg_trace_model *m);
uint64_t rg_trace_model_peak_ticks(const struct rg_trace_model *m);
uint64_t rg_trace_model_frees(const struct rg_trace_model *m);
uint64_t rg_trace_model_unknown(
    const struct rg_trace_model *m); // frees and reallocs of blocks from before the trace
uint64_t rg_trace_model_lost_frees(const struct rg_trace_model *m);
void rg_trace_model_each_live(const struct rg_trace_model *m,
                              void (*fn)(void *arg, const struct rg_trace_block *b), void *arg);

#endif
