// SPDX-License-Identifier: MIT
// See trace_reader.h. A heap of cursors, one a thread, by the time of what each has next.
#include "trace_reader.h"

#include "need.h"
#include "trace_cursor.h"
#include "trace_header.h"
#include "trace_meta.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct rg_trace_reader {
    struct rg_trace_header_text header;
    struct rg_trace_chunks chunks;
    struct rg_trace_meta meta;
    struct rg_trace_info info;
    size_t chunks_seen; // that are in a thread's list
    struct rg_trace_cursor *cursors;
    size_t cursor_count;
    struct rg_number_map by_thread; // thread + 1 to the index of its cursor + 1
    uint32_t *heap;                 // indices of cursors
    size_t heap_count;
    uint64_t ticks_limit;      // events of later are not handed out
    uint64_t ticks_most;       // events of later are damage
    uint64_t last_ticks;       // of any event or clock
    uint64_t position, behind; // bytes of chunks that are done, and of META
    double ns_per_tick;
};

static uint64_t key(const struct rg_trace_reader *r, size_t i) {
    return rg_trace_cursor_ticks(&r->cursors[r->heap[i]]);
}

// Of events at the same tick one that frees an address goes before one that gets it.
static bool is_before(const struct rg_trace_reader *r, size_t i, size_t j) {
    const uint64_t a = key(r, i), b = key(r, j);
    if (a != b) {
        return a < b;
    }
    const struct rg_trace_cursor *x = &r->cursors[r->heap[i]], *y = &r->cursors[r->heap[j]];
    // What has not been read yet may be of the same tick.
    return x->has_event == y->has_event
               ? x->event.kind == RG_TRACE_FREE && y->event.kind != RG_TRACE_FREE
               : !x->has_event;
}

static void swap(struct rg_trace_reader *r, size_t i, size_t j) {
    const uint32_t kept = r->heap[i];
    r->heap[i] = r->heap[j];
    r->heap[j] = kept;
}

static void sift_down(struct rg_trace_reader *r, size_t i) {
    for (;;) {
        size_t least = 2 * i + 1;
        if (least >= r->heap_count) {
            return;
        }
        least += least + 1 < r->heap_count && is_before(r, least + 1, least);
        if (!is_before(r, least, i)) {
            return;
        }
        swap(r, i, least);
        i = least;
    }
}

static void push(struct rg_trace_reader *r, uint32_t cursor) {
    r->heap[r->heap_count] = cursor;
    r->cursors[cursor].is_in_heap = true;
    for (size_t i = r->heap_count++; i > 0 && is_before(r, i, (i - 1) / 2); i = (i - 1) / 2) {
        swap(r, i, (i - 1) / 2);
    }
}

static void pop(struct rg_trace_reader *r) {
    r->cursors[r->heap[0]].is_in_heap = false;
    r->heap[0] = r->heap[--r->heap_count];
    sift_down(r, 0);
}

static void add_cursor(struct rg_trace_reader *r, uint32_t chunk, void **item) {
    r->cursors = rg_need_room(r->cursors, r->cursor_count, sizeof *r->cursors);
    r->heap = rg_need_room(r->heap, r->cursor_count, sizeof *r->heap);
    struct rg_trace_cursor *c = &r->cursors[r->cursor_count++];
    *item = (void *)(uintptr_t)r->cursor_count;
    *c = (struct rg_trace_cursor){
        .thread = r->chunks.places[chunk].thread, .first = chunk, .last = chunk};
    rg_trace_cursor_begin(c, &r->chunks);
}

// Links the chunks that are new into the lists of their threads.
static void link_chunks(struct rg_trace_reader *r) {
    for (; r->chunks_seen < r->chunks.count; r->chunks_seen++) {
        const uint32_t index = (uint32_t)r->chunks_seen;
        struct rg_trace_place *place = &r->chunks.places[index];
        if (place->kind != RG_TRACE_EVENTS) {
            r->position += place->bytes;
            r->behind += place->bytes;
            continue;
        }
        void **item = rg_number_map_get(&r->by_thread, (uint64_t)place->thread + 1);
        if (!*item) {
            add_cursor(r, index, item);
        } else {
            struct rg_trace_cursor *c = &r->cursors[(uintptr_t)*item - 1];
            r->chunks.places[c->last].next = index;
            c->last = index;
        }
    }
}

// The later the second moment, the better is the scale.
static void set_scale(struct rg_trace_reader *r) {
    const struct rg_trace_clock *from = &r->header.start, *to = &r->meta.latest;
    const double ticks = (double)to->ticks - (double)from->ticks;
    const double ns = (double)to->ns - (double)from->ns;
    // Of processors from 100 MHz to 10 GHz.
    if (ticks > 0 && ns / ticks > 0.1 && ns / ticks < 10) {
        r->ns_per_tick = ns / ticks;
    }
}

static void note_moment(struct rg_trace_reader *r, uint64_t ticks) {
    if (ticks <= r->ticks_most && ticks > r->last_ticks) {
        r->last_ticks = ticks;
    }
}

// No trace can go on behind this moment, and none for longer than 100 years.
static void set_ticks_most(struct rg_trace_reader *r) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    const double ns_now = (double)now.tv_sec * 1e9 + 3600e9;
    const double ns = ns_now - (double)r->header.realtime_ns;
    const double most = (ns > 0 ? ns : 100 * 365 * 86400e9) / r->ns_per_tick;
    const double room = (double)(UINT64_MAX - r->header.start.ticks);
    r->ticks_most = most < room / 2 ? r->header.start.ticks + (uint64_t)most : UINT64_MAX;
    note_moment(r, r->meta.latest.ticks);
}

static void set_info(struct rg_trace_reader *r) {
    r->info.has_ended = r->meta.has_ended;
    r->info.file_bytes = r->chunks.file_bytes;
    r->info.damaged_chunks = r->chunks.damaged;
    r->info.thread_count = (uint32_t)r->cursor_count;
    r->info.notes = r->meta.notes;
    r->info.note_count = r->meta.note_count;
    r->info.duration_ns = rg_trace_reader_ns(r, r->last_ticks);
}

static void look(struct rg_trace_reader *r) {
    rg_trace_chunks_scan(&r->chunks);
    rg_trace_meta_read(&r->meta, &r->chunks);
    set_scale(r);
    set_ticks_most(r);
    link_chunks(r);
    set_info(r);
}

struct rg_trace_reader *rg_trace_reader_open(const char *path, char ret_message[RG_TRACE_MESSAGE]) {
    struct rg_trace_header_text header;
    const int fd = rg_trace_header_open(path, &header, ret_message);
    if (fd < 0) {
        return NULL;
    }
    struct rg_trace_reader *r = rg_need(sizeof *r);
    r->header = header;
    r->chunks.fd = fd;
    r->chunks.unknown_from = RG_TRACE_PAGE;
    r->ns_per_tick = 1;
    r->last_ticks = header.start.ticks;
    r->info = (struct rg_trace_info){.pid = header.pid,
                                     .parent_pid = header.parent_pid,
                                     .frames_most = header.frames_most,
                                     .realtime_ns = header.realtime_ns,
                                     .program = header.program,
                                     .command = header.command};
    look(r);
    rg_trace_reader_rewind(r);
    return r;
}

void rg_trace_reader_close(struct rg_trace_reader *r) {
    for (size_t i = 0; i < r->cursor_count; i++) {
        free(r->cursors[i].bytes);
    }
    free(r->cursors);
    free(r->heap);
    free(r->by_thread.places);
    rg_trace_meta_done(&r->meta);
    rg_trace_chunks_done(&r->chunks);
    rg_trace_header_done(&r->header);
    free(r);
}

void rg_trace_reader_rewind(struct rg_trace_reader *r) {
    r->heap_count = 0;
    r->position = r->behind;
    r->ticks_limit = UINT64_MAX;
    for (size_t i = 0; i < r->cursor_count; i++) {
        rg_trace_cursor_begin(&r->cursors[i], &r->chunks);
        push(r, (uint32_t)i);
    }
}

void rg_trace_reader_follow(struct rg_trace_reader *r, uint64_t ticks) {
    look(r);
    r->ticks_limit = ticks;
    r->heap_count = 0;
    for (size_t i = 0; i < r->cursor_count; i++) {
        rg_trace_cursor_forget(&r->cursors[i]);
        push(r, (uint32_t)i);
    }
}

// The earliest cursor has, from now on, the event that is next in its thread, or leaves the heap.
static void advance(struct rg_trace_reader *r) {
    struct rg_trace_cursor *c = &r->cursors[r->heap[0]];
    const uint32_t bytes = r->chunks.places[c->chunk].bytes;
    c->has_event = false;
    if (rg_trace_cursor_read(c, &r->chunks, r->ticks_most)) {
        sift_down(r, 0);
    } else if (rg_trace_cursor_next_chunk(c, &r->chunks)) {
        r->position += bytes;
        sift_down(r, 0);
    } else {
        pop(r);
    }
}

bool rg_trace_reader_next(struct rg_trace_reader *r, struct rg_trace_event *ret,
                          uint32_t *ret_thread) {
    while (r->heap_count > 0) {
        const struct rg_trace_cursor *c = &r->cursors[r->heap[0]];
        if (rg_trace_cursor_ticks(c) > r->ticks_limit) {
            return false;
        }
        const bool has_event = c->has_event;
        if (has_event) {
            *ret = c->event;
            ret->stack = rg_trace_meta_stack(&r->meta, ret->stack);
            *ret_thread = c->thread;
            note_moment(r, ret->ticks);
        }
        advance(r);
        if (has_event) {
            return true;
        }
    }
    return false;
}

uint64_t rg_trace_reader_ns(const struct rg_trace_reader *r, uint64_t ticks) {
    const uint64_t start = r->header.start.ticks;
    return ticks > start ? (uint64_t)((double)(ticks - start) * r->ns_per_tick) : 0;
}

uint64_t rg_trace_reader_position(const struct rg_trace_reader *r) {
    return r->position;
}

const struct rg_trace_info *rg_trace_reader_info(const struct rg_trace_reader *r) {
    // What reading has found out since.
    struct rg_trace_info *info = (struct rg_trace_info *)&r->info;
    info->damaged_chunks = r->chunks.damaged;
    info->duration_ns = rg_trace_reader_ns(r, r->last_ticks);
    return info;
}

struct rg_trace_stack rg_trace_reader_stack(const struct rg_trace_reader *r, uint32_t id) {
    if (id >= r->meta.stack_count) {
        return (struct rg_trace_stack){0};
    }
    const struct rg_trace_span *span = &r->meta.stacks[id];
    return (struct rg_trace_stack){.frames = &r->meta.frames[span->first], .count = span->count};
}

uint32_t rg_trace_reader_last_stack(const struct rg_trace_reader *r) {
    return r->meta.stack_count > 0 ? (uint32_t)r->meta.stack_count - 1 : 0;
}

const struct rg_trace_module *rg_trace_reader_module(const struct rg_trace_reader *r,
                                                     uint32_t index) {
    return index < r->meta.module_cap ? r->meta.modules[index] : NULL;
}

const char *rg_trace_reader_thread_name(const struct rg_trace_reader *r, uint32_t thread) {
    const char *name = rg_number_map_find(&r->meta.thread_names, (uint64_t)thread + 1);
    return name ? name : "";
}
