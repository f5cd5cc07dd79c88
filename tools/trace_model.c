// SPDX-License-Identifier: MIT
// See trace_model.h. What each stack had at the peak is known without reading twice: a stack whose figures have not
// changed since the last peak had then what it has now, so what it had is noted before they change.
#include "trace_model.h"

#include "need.h"
#include "trace_live.h"
#include "trace_progress.h"

#include <stdlib.h>
#include <string.h>

struct stack_state {
    struct rg_trace_figures figures;
    uint64_t peak; // the last peak that at_peak_blocks and at_peak_bytes are known for
};

// The last call of a thread gave this address; 0: it did not.
struct thread_state {
    uint64_t given;
};

struct rg_trace_model {
    struct rg_trace_live live;
    struct stack_state *stacks; // by id
    size_t stack_cap;
    struct thread_state *threads; // by number, those below THREADS_KNOWN
    size_t thread_cap;
    struct stack_state totals;
    uint64_t peaks; // so far
    uint64_t peak_ticks;
    uint64_t frees, unknown, lost_frees;
    uint64_t numbers; // of blocks, so far
    const struct rg_trace_reader *reader;
};

enum { THREADS_KNOWN = 1 << 20 };

struct rg_trace_model *rg_trace_model_open(void) {
    return rg_need(sizeof(struct rg_trace_model));
}

void rg_trace_model_close(struct rg_trace_model *m) {
    free(m->live.places);
    free(m->stacks);
    free(m->threads);
    free(m);
}

static struct stack_state *state_of(struct rg_trace_model *m, uint32_t stack) {
    if (stack >= m->stack_cap) {
        m->stacks = rg_need_index(m->stacks, &m->stack_cap, stack, sizeof *m->stacks);
    }
    return &m->stacks[stack];
}

// To be called before what is live of it changes, or at_peak is read.
static void note_peak(const struct rg_trace_model *m, struct stack_state *s) {
    if (s->peak != m->peaks) {
        s->peak = m->peaks;
        s->figures.at_peak_blocks = s->figures.live_blocks;
        s->figures.at_peak_bytes = s->figures.live_bytes;
    }
}

static void add_live(struct rg_trace_model *m, struct stack_state *s, uint64_t size) {
    struct rg_trace_figures *f = &s->figures;
    note_peak(m, s);
    f->live_blocks++;
    f->live_bytes += size;
    f->peak_blocks = f->live_blocks > f->peak_blocks ? f->live_blocks : f->peak_blocks;
    f->peak_bytes = f->live_bytes > f->peak_bytes ? f->live_bytes : f->peak_bytes;
}

static void remove_live(struct rg_trace_model *m, struct stack_state *s, uint64_t size) {
    note_peak(m, s);
    s->figures.live_blocks--;
    s->figures.live_bytes -= size;
}

// Takes the block out of all that is live. Returns it; with address 0 where it is not known.
static struct rg_trace_block take_out(struct rg_trace_model *m, uint64_t address) {
    struct rg_trace_block *b = rg_trace_live_find(&m->live, address);
    if (!b) {
        return (struct rg_trace_block){0};
    }
    const struct rg_trace_block taken = *b;
    rg_trace_live_remove(&m->live, b);
    remove_live(m, state_of(m, taken.stack), taken.size);
    m->totals.figures.live_blocks--;
    m->totals.figures.live_bytes -= taken.size;
    return taken;
}

static void put_in(struct rg_trace_model *m, const struct rg_trace_block *b) {
    struct stack_state *s = state_of(m, b->stack);
    struct rg_trace_figures *all = &m->totals.figures;
    rg_trace_live_put(&m->live, b);
    add_live(m, s, b->size);
    all->live_blocks++;
    all->live_bytes += b->size;
    s->figures.allocations++;
    s->figures.bytes += b->size;
    all->allocations++;
    all->bytes += b->size;
    all->peak_blocks = all->live_blocks > all->peak_blocks ? all->live_blocks : all->peak_blocks;
}

static void end_life(struct rg_trace_model *m, const struct rg_trace_reader *r,
                     const struct rg_trace_block *b, uint64_t ticks) {
    struct rg_trace_figures *f = &state_of(m, b->birth_stack)->figures;
    const uint64_t died = rg_trace_reader_ns(r, ticks), born = rg_trace_reader_ns(r, b->born);
    const uint64_t ns = died > born ? died - born : 0;
    f->lifetime_ns += ns;
    f->ended++;
    m->totals.figures.lifetime_ns += ns;
    m->totals.figures.ended++;
}

// What the thread was given by its last call; that is what it is given by this one.
static uint64_t swap_given(struct rg_trace_model *m, uint32_t thread, uint64_t given) {
    if (thread >= THREADS_KNOWN) {
        return 0;
    }
    if (thread >= m->thread_cap) {
        m->threads = rg_need_index(m->threads, &m->thread_cap, thread, sizeof *m->threads);
    }
    const uint64_t before = m->threads[thread].given;
    m->threads[thread].given = given;
    return before;
}

static void count_realloc(struct rg_trace_figures *f, const struct rg_trace_event *e,
                          uint64_t copied) {
    f->reallocs++;
    f->moved += e->kind != RG_TRACE_RESIZE;
    f->forced += e->kind == RG_TRACE_FORCED_MOVE;
    f->copied_bytes += copied;
}

static void add_free(struct rg_trace_model *m, const struct rg_trace_reader *r,
                     const struct rg_trace_event *e, uint64_t given,
                     const struct rg_trace_block *before) {
    m->frees++;
    if (!before->address) {
        m->unknown++;
        return;
    }
    end_life(m, r, before, e->ticks);
    if (given == before->address) {
        state_of(m, before->stack)->figures.temporary++;
        m->totals.figures.temporary++;
    }
}

static struct rg_trace_block add_realloc(struct rg_trace_model *m, const struct rg_trace_event *e,
                                         uint32_t thread, const struct rg_trace_block *before) {
    const bool is_known = before->address;
    const uint64_t old_size = is_known ? before->size : e->old_size;
    const uint64_t least = old_size < e->size ? old_size : e->size;
    const uint64_t copied = e->kind == RG_TRACE_RESIZE ? 0 : least;
    m->unknown += !is_known;
    const struct rg_trace_block after = {.address = e->address,
                                         .size = e->size,
                                         .number = is_known ? before->number : ++m->numbers,
                                         .born = is_known ? before->born : e->ticks,
                                         .birth_stack = is_known ? before->birth_stack : e->stack,
                                         .stack = e->stack,
                                         .thread = thread,
                                         .reallocs = before->reallocs + 1};
    put_in(m, &after);
    count_realloc(&state_of(m, e->stack)->figures, e, copied);
    count_realloc(&m->totals.figures, e, copied);
    return after;
}

static struct rg_trace_block add_alloc(struct rg_trace_model *m, const struct rg_trace_event *e,
                                       uint32_t thread) {
    const struct rg_trace_block after = {.address = e->address,
                                         .size = e->size,
                                         .number = ++m->numbers,
                                         .born = e->ticks,
                                         .birth_stack = e->stack,
                                         .stack = e->stack,
                                         .thread = thread};
    put_in(m, &after);
    return after;
}

// Ends the block that is still live where the event gives a new one: its own end is not in the trace. How long it lived is
// not known.
static void end_lost(struct rg_trace_model *m, const struct rg_trace_event *e, uint32_t thread,
                     rg_trace_event_fn *fn, void *arg) {
    const struct rg_trace_block before = take_out(m, e->address), after = {0};
    if (before.address) {
        const struct rg_trace_event lost = {
            .kind = RG_TRACE_FREE, .how = RG_TRACE_HOWS, .ticks = e->ticks, .old = e->address};
        m->lost_frees++;
        if (fn) {
            fn(arg, &lost, thread, &before, &after);
        }
    }
}

// A peak is behind an event, never within one.
static void look_for_peak(struct rg_trace_model *m, uint64_t ticks) {
    struct rg_trace_figures *all = &m->totals.figures;
    if (all->live_bytes > all->peak_bytes) {
        all->peak_bytes = all->at_peak_bytes = all->live_bytes;
        all->at_peak_blocks = all->live_blocks;
        m->peak_ticks = ticks;
        m->peaks++;
    }
}

void rg_trace_model_add(struct rg_trace_model *m, const struct rg_trace_reader *r,
                        const struct rg_trace_event *e, uint32_t thread, rg_trace_event_fn *fn,
                        void *arg) {
    struct rg_trace_block before = {0}, after = {0};
    const bool gives = e->address != 0 && e->kind != RG_TRACE_FREE && e->kind != RG_TRACE_FAILED;
    const uint64_t given = swap_given(m, thread, gives ? e->address : 0);
    if (gives && (e->kind == RG_TRACE_ALLOC || e->address != e->old)) {
        end_lost(m, e, thread, fn, arg);
    }
    if (e->kind == RG_TRACE_FAILED) {
        state_of(m, e->stack)->figures.failed++;
        m->totals.figures.failed++;
        const struct rg_trace_block *stays = rg_trace_live_find(&m->live, e->old);
        before = stays ? *stays : before;
        after = before;
    } else {
        before = rg_trace_has_old(e->kind) ? take_out(m, e->old) : before;
        if (e->kind == RG_TRACE_FREE) {
            add_free(m, r, e, given, &before);
        } else if (gives) {
            after = e->kind == RG_TRACE_ALLOC ? add_alloc(m, e, thread)
                                              : add_realloc(m, e, thread, &before);
        }
        look_for_peak(m, e->ticks);
    }
    if (fn) {
        fn(arg, e, thread, &before, &after);
    }
}

void rg_trace_model_read(struct rg_trace_model *m, struct rg_trace_reader *r, rg_trace_event_fn *fn,
                         void *arg, bool progress) {
    struct rg_trace_progress p;
    struct rg_trace_event e;
    uint32_t thread;
    rg_trace_progress_begin(&p, progress);
    rg_trace_reader_rewind(r);
    for (uint64_t i = 1; rg_trace_reader_next(r, &e, &thread); i++) {
        rg_trace_model_add(m, r, &e, thread, fn, arg);
        if (i % RG_TRACE_PROGRESS_EVENTS == 0) {
            rg_trace_progress_step(&p, r);
        }
    }
    rg_trace_progress_end(&p);
}

const struct rg_trace_figures *rg_trace_model_totals(const struct rg_trace_model *m) {
    return &m->totals.figures;
}

const struct rg_trace_figures *rg_trace_model_of(const struct rg_trace_model *m, uint32_t stack) {
    static const struct rg_trace_figures none;
    if (stack >= m->stack_cap) {
        return &none;
    }
    note_peak(m, &m->stacks[stack]);
    return &m->stacks[stack].figures;
}

uint32_t rg_trace_model_last_stack(const struct rg_trace_model *m) {
    return m->stack_cap ? (uint32_t)(m->stack_cap - 1) : 0;
}

uint64_t rg_trace_model_peak_ticks(const struct rg_trace_model *m) {
    return m->peak_ticks;
}

uint64_t rg_trace_model_frees(const struct rg_trace_model *m) {
    return m->frees;
}

uint64_t rg_trace_model_unknown(const struct rg_trace_model *m) {
    return m->unknown;
}

uint64_t rg_trace_model_lost_frees(const struct rg_trace_model *m) {
    return m->lost_frees;
}

void rg_trace_model_each_live(const struct rg_trace_model *m,
                              void (*fn)(void *arg, const struct rg_trace_block *b), void *arg) {
    for (size_t i = 0; i < m->live.cap; i++) {
        if (m->live.places[i].address) {
            fn(arg, &m->live.places[i]);
        }
    }
}
