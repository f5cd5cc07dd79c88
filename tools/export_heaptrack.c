// SPDX-License-Identifier: MIT
// A trace as heaptrack_interpret would write it, see export.h: a line for each event, and one for whatever it refers to
// before that. Its lines: s a text, i an address with its functions, t a node of the tree of stacks, a a size at such a
// node, + and - a block of these, c the time in ms; numbers are hexadecimal, and count from 1, but those of a from 0.
#include "export.h"

#include "need.h"
#include "pair_index.h"
#include "text_index.h"

#include <inttypes.h>
#include <stdlib.h>

// How heaptrack itself spaces its lines of time.
enum { STEP_MS = 10 };

struct heaptrack {
    const struct rg_export *export;
    struct rg_text_index texts;
    struct rg_pair_index addresses; // by module and address
    struct rg_pair_index nodes;     // by the node below and the address
    struct rg_pair_index
        kinds; // lines a, by size and node: all but the first one, which is none of a block
    uint64_t *nodes_of_stacks; // by id; 0: not yet known
    size_t stack_cap;
    uint64_t step; // of time, the last one written
    uint64_t last; // kind of the block that the last event has made; 0: it has made none
    uint64_t temporary;
};

static uint64_t text_of(struct heaptrack *h, const char *text) {
    bool is_new;
    if (!text || !*text) {
        return 0;
    }
    char *clean = rg_export_text(text);
    const uint64_t number = rg_text_index_of(&h->texts, clean, &is_new);
    if (is_new) {
        fprintf(h->export->out, "s %s\n", clean);
    }
    free(clean);
    return number;
}

// frame: NULL where there is no stack.
static void put_address(struct heaptrack *h, const struct rg_trace_frame *frame) {
    FILE *out = h->export->out;
    static const struct rg_trace_name none = {.function = RG_EXPORT_NO_STACK};
    struct rg_trace_frame_names names = {.names = &none, .count = 1};
    const struct rg_trace_module *m = NULL;
    if (frame) {
        names = rg_trace_names_of(h->export->names, *frame);
        m = rg_trace_reader_module(h->export->reader, frame->module);
    }
    // Texts first: they are lines of their own.
    for (size_t i = 0; i < names.count; i++) {
        text_of(h, names.names[i].function);
        text_of(h, names.names[i].file);
    }
    const uint64_t module = text_of(h, m ? m->path : NULL);
    const uint64_t address = frame ? frame->address + (m ? m->bias : 0) : 0;
    fprintf(out, "i %" PRIx64 " %" PRIx64, address, module);
    for (size_t i = 0; i < names.count; i++) {
        const struct rg_trace_name *name = &names.names[i];
        fprintf(out, " %" PRIx64 " %" PRIx64 " %x", text_of(h, name->function),
                text_of(h, name->file), name->line);
    }
    fputc('\n', out);
}

static uint64_t node_above(struct heaptrack *h, uint64_t below,
                           const struct rg_trace_frame *frame) {
    bool is_new;
    const uint64_t module = frame ? frame->module : UINT64_MAX;
    const uint64_t address =
        rg_pair_index_of(&h->addresses, module, frame ? frame->address : 0, &is_new);
    if (is_new) {
        put_address(h, frame);
    }
    const uint64_t node = rg_pair_index_of(&h->nodes, below, address, &is_new);
    if (is_new) {
        fprintf(h->export->out, "t %" PRIx64 " %" PRIx64 "\n", address, below);
    }
    return node;
}

static uint64_t node_of(struct heaptrack *h, uint32_t stack) {
    h->nodes_of_stacks =
        rg_need_index(h->nodes_of_stacks, &h->stack_cap, stack, sizeof *h->nodes_of_stacks);
    uint64_t node = h->nodes_of_stacks[stack];
    if (node == 0) {
        const struct rg_trace_stack s = rg_trace_reader_stack(h->export->reader, stack);
        for (size_t i = s.count; i > 0; i--) {
            node = node_above(h, node, &s.frames[i - 1]);
        }
        if (s.count == 0) {
            node = node_above(h, 0, NULL);
        }
        h->nodes_of_stacks[stack] = node;
    }
    return node;
}

static uint64_t kind_of(struct heaptrack *h, const struct rg_trace_block *b) {
    bool is_new;
    const uint64_t node = node_of(h, b->stack);
    const uint64_t kind = rg_pair_index_of(&h->kinds, b->size, node, &is_new);
    if (is_new && kind == 1) {
        fprintf(h->export->out, "a 0 %" PRIx64 "\n", node);
    }
    if (is_new) {
        fprintf(h->export->out, "a %" PRIx64 " %" PRIx64 "\n", b->size, node);
    }
    return kind;
}

static void put_time(struct heaptrack *h, uint64_t ns) {
    const uint64_t step = ns / 1000000 / STEP_MS;
    if (step > h->step) {
        h->step = step;
        fprintf(h->export->out, "c %" PRIx64 "\n", step * STEP_MS);
    }
}

// A block is temporary for heaptrack where the event before was the birth of one of the same size and stack, even if it
// was another block. The end of the block of no bytes that nobody has comes between them where it was not this one.
static void put_end(struct heaptrack *h, const struct rg_trace_block *b, bool is_temporary) {
    const uint64_t kind = kind_of(h, b);
    if (h->last == kind && !is_temporary) {
        fputs("- 0\n", h->export->out);
    }
    fprintf(h->export->out, "- %" PRIx64 "\n", kind);
    h->last = 0;
}

static void put_event(void *arg, const struct rg_trace_event *event, uint32_t thread,
                      const struct rg_trace_block *before, const struct rg_trace_block *after) {
    (void)thread;
    struct heaptrack *h = arg;
    const uint64_t temporary = rg_trace_model_totals(h->export->model)->temporary;
    const bool is_temporary = temporary != h->temporary;
    h->temporary = temporary;
    if (event->kind == RG_TRACE_FAILED) {
        return;
    }
    put_time(h, rg_trace_reader_ns(h->export->reader, event->ticks));
    if (before->address) {
        put_end(h, before, is_temporary);
    }
    if (after->address) {
        h->last = kind_of(h, after);
        fprintf(h->export->out, "+ %" PRIx64 "\n", h->last);
    }
}

void rg_export_heaptrack(const struct rg_export *e) {
    struct heaptrack h = {.export = e};
    const struct rg_trace_info *info = rg_trace_reader_info(e->reader);
    char *command = rg_export_text(*info->command ? info->command : info->program);
    // The version of heaptrack that the format is of, and that of the format.
    fprintf(e->out, "v 10400 2\nX %s\n", command);
    free(command);
    for (size_t i = 0; i < info->note_count; i++) {
        char *note = rg_export_text(info->notes[i]);
        fprintf(e->out, "# %s\n", note);
        free(note);
    }
    rg_trace_model_read(e->model, e->reader, put_event, &h, true);
    // Unless what ran at exit is later.
    if (info->duration_ns / 1000000 > h.step * STEP_MS) {
        fprintf(e->out, "c %" PRIx64 "\n", info->duration_ns / 1000000);
    }
    rg_text_index_done(&h.texts);
    rg_pair_index_done(&h.addresses);
    rg_pair_index_done(&h.nodes);
    rg_pair_index_done(&h.kinds);
    free(h.nodes_of_stacks);
}
