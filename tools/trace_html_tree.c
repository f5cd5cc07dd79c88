// SPDX-License-Identifier: MIT
// See trace_html_tree.h.
#include "trace_html_tree.h"

#include "need.h"

#include "base/compiler.h"

#include <stdlib.h>
#include <string.h>

enum {
    DEPTH_CAP = 300,   // frames behind that are counted with the last one
    START_CAP = 8,     // main is called by fewer
    NODES_CAP = 12000, // those that are not left out
};

static const double LEAST_SHARE = 0.0005;

// A function of a module, by number.
struct function {
    const struct rg_trace_name *name;
    uint32_t number;
    struct function *next; // of the same hash
};

static uint64_t hash(uint64_t h, const char *text) {
    do {
        h = (h ^ (unsigned char)*text) * 0x100000001b3;
    } while (*text++);
    return h;
}

static uint32_t number_of(struct rg_trace_tree *t, const struct rg_trace_name *name) {
    void **place = rg_number_map_get(&t->numbers,
                                     hash(hash(0xcbf29ce484222325, name->function), name->module));
    for (struct function *f = *place; f; f = f->next) {
        if (!strcmp(f->name->function, name->function) && !strcmp(f->name->module, name->module)) {
            return f->number;
        }
    }
    t->functions = rg_need_room(t->functions, t->function_count, sizeof *t->functions);
    t->functions[t->function_count++].name = name;
    struct function *f = rg_need(sizeof *f);
    *f = (struct function){name, t->function_count, *place};
    *place = f;
    return f->number;
}

static struct rg_trace_node *child_of(struct rg_trace_tree *t, struct rg_trace_node *parent,
                                      const struct rg_trace_name *name) {
    const uint32_t function = number_of(t, name);
    void **place = rg_number_map_get(&t->nodes, (uint64_t)parent->number << 32 | function);
    struct rg_trace_node *n = *place;
    if (!n) {
        *place = n = rg_need(sizeof *n);
        *n = (struct rg_trace_node){.name = name,
                                    .parent = parent,
                                    .next = parent->child,
                                    .number = ++t->node_count,
                                    .function = function,
                                    .depth = parent->depth + 1};
        parent->child = n;
    }
    return n;
}

static void add_figures(struct rg_trace_node *n, const struct rg_trace_figures *f) {
    n->values[RG_TRACE_BYTES] += f->bytes;
    n->values[RG_TRACE_CALLS] += f->allocations;
    n->values[RG_TRACE_AT_PEAK] += f->at_peak_bytes;
    n->values[RG_TRACE_LIVE] += f->live_bytes;
    n->values[RG_TRACE_TEMPORARY] += f->temporary;
}

// What calls main, of the C library and of the guard.
static bool is_start(const struct rg_trace_name *name) {
    static const char *const names[] = {"_start", "__libc_start_call_main", "rg_call_main"};
    for (size_t i = 0; i < RG_ARRAY_LEN(names); i++) {
        if (!strcmp(name->function, names[i])) {
            return true;
        }
    }
    return false;
}

// How many frames there are from main on, or of all where main is not in the stack.
static size_t count_from_main(struct rg_trace_names *names, struct rg_trace_stack stack) {
    size_t count = stack.count;
    for (size_t i = stack.count; i-- > 0 && stack.count - i <= START_CAP;) {
        const struct rg_trace_frame_names frame = rg_trace_names_of(names, stack.frames[i]);
        const struct rg_trace_name *outermost = &frame.names[frame.count - 1];
        if (!strcmp(outermost->function, "main")) {
            return i + 1;
        }
        count = is_start(outermost) && i > 0 ? i : count;
    }
    return count;
}

static void add_stack(struct rg_trace_tree *t, struct rg_trace_names *names,
                      struct rg_trace_stack stack, const struct rg_trace_figures *f) {
    struct rg_trace_node *n = t->root;
    add_figures(n, f);
    for (size_t i = count_from_main(names, stack); i-- > 0;) {
        const struct rg_trace_frame_names frame = rg_trace_names_of(names, stack.frames[i]);
        for (size_t k = frame.count; k-- > 0 && n->depth < DEPTH_CAP;) {
            n = child_of(t, n, &frame.names[k]);
            add_figures(n, f);
        }
    }
}

static struct rg_trace_node *behind(const struct rg_trace_node *n, bool goes_down) {
    if (goes_down && n->child) {
        return n->child;
    }
    while (n->parent && !n->next) {
        n = n->parent;
    }
    return n->next;
}

static void set_share(struct rg_trace_node *n, const struct rg_trace_node *root) {
    for (int i = 0; i < RG_TRACE_MEASURES; i++) {
        const double share =
            root->values[i] > 0 ? (double)n->values[i] / (double)root->values[i] : 0;
        n->share = share > n->share ? share : n->share;
    }
}

static int by_share(const void *a, const void *b) {
    const double *x = a;
    const double *y = b;
    return (*x < *y) - (*x > *y);
}

// A share is at most that of the parent, so what is kept is a tree.
static void set_threshold(struct rg_trace_tree *t) {
    double *shares = rg_need(((size_t)t->node_count + 1) * sizeof *shares);
    size_t count = 0;
    for (struct rg_trace_node *n = t->root; n; n = behind(n, true)) {
        set_share(n, t->root);
        if (n->share >= LEAST_SHARE) {
            shares[count++] = n->share;
        }
    }
    t->threshold = LEAST_SHARE;
    if (count > NODES_CAP) {
        qsort(shares, count, sizeof *shares, by_share);
        t->threshold = shares[NODES_CAP] * (1 + 1e-9);
    }
    free(shares);
}

void rg_trace_tree_make(struct rg_trace_tree *t, const struct rg_trace_reader *reader,
                        struct rg_trace_names *names, const struct rg_trace_model *model) {
    *t = (struct rg_trace_tree){.root = rg_need(sizeof *t->root)};
    const uint32_t last = rg_trace_reader_last_stack(reader);
    for (uint64_t id = 0; id <= last; id++) {
        const struct rg_trace_figures *f = rg_trace_model_of(model, (uint32_t)id);
        if (f->allocations > 0) {
            add_stack(t, names, rg_trace_reader_stack(reader, (uint32_t)id), f);
        }
    }
    set_threshold(t);
}

static void free_functions(void *item) {
    struct function *f = item;
    while (f) {
        struct function *next = f->next;
        free(f);
        f = next;
    }
}

void rg_trace_tree_done(struct rg_trace_tree *t) {
    rg_number_map_done(&t->nodes, free);
    rg_number_map_done(&t->numbers, free_functions);
    free(t->functions);
    free(t->root);
}

const struct rg_trace_node *rg_trace_tree_next(const struct rg_trace_tree *t,
                                               const struct rg_trace_node *n) {
    do {
        n = behind(n, n->share >= t->threshold);
    } while (n && n->share < t->threshold);
    return n;
}

bool rg_trace_tree_rest(const struct rg_trace_tree *t, const struct rg_trace_node *n,
                        uint64_t ret_values[RG_TRACE_MEASURES]) {
    struct rg_trace_node rest = {0};
    for (const struct rg_trace_node *c = n->child; c; c = c->next) {
        for (int i = 0; c->share < t->threshold && i < RG_TRACE_MEASURES; i++) {
            rest.values[i] += c->values[i];
        }
    }
    set_share(&rest, t->root);
    memcpy(ret_values, rest.values, sizeof rest.values);
    return rest.share >= t->threshold;
}
