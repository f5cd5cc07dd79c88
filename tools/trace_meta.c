// SPDX-License-Identifier: MIT
// See trace_meta.h.
#include "trace_meta.h"

#include "need.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What is left of a record. at is NULL once something was missing.
struct cursor {
    const unsigned char *at, *end;
};

static uint64_t take_number(struct cursor *c) {
    uint64_t n = 0;
    c->at = c->at ? rg_trace_get_varint(c->at, c->end, &n) : NULL;
    return n;
}

// The bytes behind their number, or NULL.
static const unsigned char *take_bytes(struct cursor *c, size_t *ret_len) {
    const uint64_t len = take_number(c);
    if (!c->at || len > (uint64_t)(c->end - c->at)) {
        c->at = NULL;
        return NULL;
    }
    const unsigned char *bytes = c->at;
    c->at += len;
    *ret_len = (size_t)len;
    return bytes;
}

// To be freed; NULL where it is missing.
static char *take_text(struct cursor *c) {
    size_t len;
    const unsigned char *bytes = take_bytes(c, &len);
    return bytes ? rg_need_part((const char *)bytes, len) : NULL;
}

static bool take_module(struct rg_trace_meta *m, struct cursor *c) {
    struct rg_trace_module module = {0};
    const uint64_t index = take_number(c);
    module.start = take_number(c);
    module.end = take_number(c);
    module.bias = take_number(c);
    size_t len = 0;
    const unsigned char *id = take_bytes(c, &len);
    char *path = take_text(c);
    if (!path || !id || index == 0 || index > RG_TRACE_MODULE_HIGHEST) {
        free(path);
        return false;
    }
    m->modules = (struct rg_trace_module **)rg_need_index((void *)m->modules, &m->module_cap,
                                                          (size_t)index, sizeof(void *));
    if (m->modules[index]) {
        free(path);
        return true;
    }
    char *hex = len ? rg_need(2 * len + 1) : rg_need_copy("-");
    for (size_t i = 0; i < len; i++) {
        snprintf(hex + 2 * i, 3, "%02x", id[i]);
    }
    module.path = path;
    module.build_id = hex;
    m->modules[index] = rg_need(sizeof module);
    *m->modules[index] = module;
    m->module_count++;
    return true;
}

static uint32_t *stack_number(struct rg_trace_meta *m, uint32_t id) {
    if (!m->stack_numbers) {
        m->stack_numbers = rg_need(RG_TRACE_STACK_HALVES * sizeof(void *));
    }
    uint32_t **half = &m->stack_numbers[id >> RG_TRACE_STACK_HALF];
    if (!*half) {
        *half = rg_need(RG_TRACE_STACK_HALVES * sizeof **half);
    }
    return &(*half)[id & (RG_TRACE_STACK_HALVES - 1)];
}

static void add_stack(struct rg_trace_meta *m, uint32_t id, struct rg_trace_span span) {
    if (m->stack_count == 0) {
        m->stacks = rg_need_room(m->stacks, m->stack_count, sizeof *m->stacks);
        m->stacks[m->stack_count++] = (struct rg_trace_span){0};
    }
    m->stacks = rg_need_room(m->stacks, m->stack_count, sizeof *m->stacks);
    *stack_number(m, id) = (uint32_t)m->stack_count;
    m->stacks[m->stack_count++] = span;
}

static bool take_stack(struct rg_trace_meta *m, struct cursor *c) {
    const uint64_t id = take_number(c);
    const uint64_t count = take_number(c);
    // A frame takes two bytes at least.
    if (!c->at || id == 0 || id > RG_TRACE_STACK_HIGHEST ||
        count > (uint64_t)(c->end - c->at) / 2) {
        return false;
    }
    if (rg_trace_meta_stack(m, (uint32_t)id) > 0) {
        return true;
    }
    const size_t first = m->frame_count;
    for (uint64_t i = 0; i < count; i++) {
        m->frames = rg_need_room(m->frames, m->frame_count, sizeof *m->frames);
        const uint64_t module = take_number(c);
        const uint64_t address = take_number(c);
        if (!c->at || module > RG_TRACE_MODULE_HIGHEST) {
            m->frame_count = first;
            return false;
        }
        m->frames[m->frame_count++] =
            (struct rg_trace_frame){.module = (uint32_t)module, .address = address};
    }
    add_stack(m, (uint32_t)id, (struct rg_trace_span){.first = first, .count = (uint32_t)count});
    return true;
}

static bool take_clock(struct rg_trace_meta *m, struct cursor *c, bool is_end) {
    struct rg_trace_clock clock;
    clock.ticks = take_number(c);
    clock.ns = take_number(c);
    if (!c->at) {
        return false;
    }
    m->latest = clock.ticks > m->latest.ticks ? clock : m->latest;
    m->has_ended |= is_end;
    return true;
}

static bool take_thread(struct rg_trace_meta *m, struct cursor *c) {
    const uint64_t number = take_number(c);
    take_number(c); // tid, which the thread's chunks have
    char *name = take_text(c);
    if (!name || number >= UINT32_MAX) {
        free(name);
        return false;
    }
    void **item = rg_number_map_get(&m->thread_names, number + 1);
    free(*item); // it has got another
    *item = name;
    return true;
}

static bool take_note(struct rg_trace_meta *m, struct cursor *c) {
    char *text = take_text(c);
    if (text) {
        m->notes = (const char **)rg_need_room((void *)m->notes, m->note_count, sizeof *m->notes);
        m->notes[m->note_count++] = text;
    }
    return text != NULL;
}

static bool take_record(struct rg_trace_meta *m, unsigned type, struct cursor *c) {
    switch (type) {
    case RG_TRACE_MODULE:
        return take_module(m, c);
    case RG_TRACE_STACK:
        return take_stack(m, c);
    case RG_TRACE_CLOCK:
    case RG_TRACE_END:
        return take_clock(m, c, type == RG_TRACE_END);
    case RG_TRACE_THREAD:
        return take_thread(m, c);
    case RG_TRACE_NOTE:
        return take_note(m, c);
    default:
        return true;
    }
}

// Takes the records from `at` on. Returns how many bytes they have; what is behind is zero, or damaged.
static size_t take_records(struct rg_trace_meta *m, const unsigned char *at, size_t len,
                           bool *ret_is_damaged) {
    const unsigned char *start = at, *end = at + len;
    while (at < end && *at) {
        struct cursor c = {at + 1, end};
        size_t bytes = 0;
        const unsigned char *body = take_bytes(&c, &bytes);
        if (!body) {
            *ret_is_damaged = true;
            break;
        }
        struct cursor record = {body, body + bytes};
        *ret_is_damaged |= !take_record(m, *at, &record);
        at = c.at;
    }
    return (size_t)(at - start);
}

static void read_chunk(struct rg_trace_meta *m, struct rg_trace_chunks *c, uint32_t index) {
    const struct rg_trace_place *place = &c->places[index];
    const uint64_t offset = place->offset + m->at;
    const uint64_t left = c->file_bytes > offset ? c->file_bytes - offset : 0;
    const size_t most = place->bytes - m->at;
    const size_t len = left < most ? (size_t)left : most;
    unsigned char *bytes = rg_need(len);
    const size_t got = rg_trace_chunks_read(c, offset, bytes, len);
    bool is_damaged = false;
    const size_t used = take_records(m, bytes, got, &is_damaged);
    free(bytes);
    m->at += (uint32_t)used;
    // The file was cut where there were records: none is left in the bytes that it has.
    if (is_damaged || (used == got && got < most)) {
        rg_trace_chunks_damaged(c, index);
    }
}

void rg_trace_meta_read(struct rg_trace_meta *m, struct rg_trace_chunks *c) {
    for (size_t i = m->chunk; i < c->count; i++) {
        const struct rg_trace_place *place = &c->places[i];
        m->latest = place->start.ticks > m->latest.ticks ? place->start : m->latest;
        if (place->kind != RG_TRACE_META) {
            continue;
        }
        // The one before is complete now.
        m->at = i == m->chunk && m->at ? m->at : sizeof(struct rg_trace_chunk);
        m->chunk = i;
        read_chunk(m, c, (uint32_t)i);
    }
}

void rg_trace_meta_done(struct rg_trace_meta *m) {
    for (size_t i = 0; i < m->module_cap; i++) {
        if (m->modules[i]) {
            free((void *)m->modules[i]->path);
            free((void *)m->modules[i]->build_id);
            free(m->modules[i]);
        }
    }
    for (size_t i = 0; i < m->note_count; i++) {
        free((void *)m->notes[i]);
    }
    rg_number_map_done(&m->thread_names, free);
    for (size_t i = 0; m->stack_numbers && i < RG_TRACE_STACK_HALVES; i++) {
        free(m->stack_numbers[i]);
    }
    free((void *)m->stack_numbers);
    free(m->stacks);
    free(m->frames);
    free((void *)m->modules);
    free((void *)m->notes);
}
