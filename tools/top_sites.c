// SPDX-License-Identifier: MIT
// See top_sites.h.
#include "top_sites.h"

#include "need.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t SECOND = 1000000000;

void rg_top_sites_open(struct rg_top_sites *s, struct rg_top_process *p) {
    *s = (struct rg_top_sites){.process = p};
}

static void free_sites(void *item) {
    struct rg_top_site *site = item;
    while (site) {
        struct rg_top_site *next = site->next;
        free(site->function);
        free(site->place);
        free(site->stacks);
        free(site);
        site = next;
    }
}

void rg_top_sites_close(struct rg_top_sites *s) {
    for (size_t i = 0; i < s->stack_cap; i++) {
        if (s->of_stack[i] && !s->is_named[i]) {
            free_sites(s->of_stack[i]);
        }
    }
    rg_number_map_done(&s->named, free_sites);
    free(s->of_stack);
    free(s->is_named);
    free(s->sorted);
    *s = (struct rg_top_sites){0};
}

static const char *last_part(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

// What a stack is called before it is looked up.
static struct rg_top_site *make_unnamed(const struct rg_top_sites *s, uint32_t stack) {
    struct rg_top_site *site = rg_need(sizeof *site);
    const struct rg_trace_stack frames = rg_trace_reader_stack(s->process->reader, stack);
    if (frames.count == 0) {
        site->function = rg_need_copy("(no stack)");
        site->place = rg_need_copy("");
        return site;
    }
    const struct rg_trace_frame frame = frames.frames[0];
    const struct rg_trace_module *module = rg_trace_reader_module(s->process->reader, frame.module);
    site->function = rg_need_text("0x%" PRIx64, frame.address);
    site->place = rg_need_copy(module ? last_part(module->path) : "");
    return site;
}

static void make_room(struct rg_top_sites *s, size_t stacks) {
    if (stacks <= s->stack_cap) {
        return;
    }
    const size_t cap = 2 * stacks;
    struct rg_top_site **of_stack = rg_need(cap * sizeof(struct rg_top_site *));
    bool *is_named = rg_need(cap * sizeof *is_named);
    if (s->stack_cap > 0) {
        memcpy(of_stack, s->of_stack, s->stack_cap * sizeof(struct rg_top_site *));
        memcpy(is_named, s->is_named, s->stack_cap * sizeof *is_named);
    }
    free(s->of_stack);
    free(s->is_named);
    free(s->sorted);
    s->of_stack = of_stack;
    s->is_named = is_named;
    s->sorted = rg_need(cap * sizeof(struct rg_top_site *));
    s->stack_cap = cap;
}

static void clear(struct rg_top_site *site) {
    site->live_bytes = site->live_blocks = site->allocations = 0;
    site->reallocs = site->moved = site->temporary = 0;
    site->growth = 0;
    site->allocation_rate = site->realloc_rate = 0;
    site->stack_count = 0;
}

static void add_stack(struct rg_top_sites *s, struct rg_top_site *site, uint32_t stack,
                      const struct rg_trace_figures *f, const struct rg_top_span *span) {
    const struct rg_top_process *p = s->process;
    const struct rg_top_sample *old =
        rg_top_history_before(&p->history, p->now_ns, RG_TOP_GROWTH_SECONDS * SECOND);
    const struct rg_top_counts before = rg_top_sample_stack(span->from, stack);
    site->live_bytes += f->live_bytes;
    site->live_blocks += f->live_blocks;
    site->allocations += f->allocations;
    site->reallocs += f->reallocs;
    site->moved += f->moved;
    site->temporary += f->temporary;
    site->growth += (int64_t)(f->live_bytes - rg_top_sample_stack(old, stack).live_bytes);
    site->allocation_rate += (double)(f->allocations - before.allocations) / span->seconds;
    site->realloc_rate += (double)(f->reallocs - before.reallocs) / span->seconds;
    site->stacks = rg_need_room(site->stacks, site->stack_count, sizeof *site->stacks);
    site->stacks[site->stack_count++] = stack;
}

double rg_top_site_value(const struct rg_top_site *site, enum rg_top_sort by) {
    switch (by) {
    case RG_TOP_BY_GROWTH:
        return (double)site->growth;
    case RG_TOP_BY_ALLOCATIONS:
        return site->allocation_rate;
    case RG_TOP_BY_REALLOCS:
        return site->realloc_rate;
    case RG_TOP_BY_MOVED:
        return (double)site->moved;
    case RG_TOP_BY_TEMPORARY:
        return (double)site->temporary;
    case RG_TOP_BY_LIVE:
    case RG_TOP_SORTS:
        break;
    }
    return (double)site->live_bytes;
}

static int compare(const void *a, const void *b, void *arg) {
    const enum rg_top_sort *by = arg;
    const struct rg_top_site *one = *(struct rg_top_site *const *)a;
    const struct rg_top_site *two = *(struct rg_top_site *const *)b;
    double difference = rg_top_site_value(two, *by) - rg_top_site_value(one, *by);
    if (difference == 0) {
        difference = (double)two->live_bytes - (double)one->live_bytes;
    }
    if (difference == 0) {
        difference = (double)two->allocations - (double)one->allocations;
    }
    if (difference == 0) {
        const int order = strcmp(one->function, two->function);
        return order ? order : strcmp(one->place, two->place);
    }
    return difference < 0 ? -1 : 1;
}

void rg_top_sites_update(struct rg_top_sites *s, enum rg_top_sort by) {
    const struct rg_top_process *p = s->process;
    const struct rg_top_span span = rg_top_process_span(p);
    const uint32_t last = rg_trace_reader_last_stack(p->reader);
    make_room(s, (size_t)last + 1);
    for (size_t i = 0; i < s->stack_cap; i++) {
        if (s->of_stack[i]) {
            clear(s->of_stack[i]);
        }
    }
    s->count = s->unnamed = 0;
    for (uint32_t stack = 0; stack <= last; stack++) {
        const struct rg_trace_figures *f = rg_trace_model_of(p->model, stack);
        if (!f || f->allocations == 0) {
            continue;
        }
        if (!s->of_stack[stack]) {
            s->of_stack[stack] = make_unnamed(s, stack);
        }
        struct rg_top_site *site = s->of_stack[stack];
        s->unnamed += !s->is_named[stack];
        if (site->stack_count == 0) {
            s->sorted[s->count++] = site;
        }
        add_stack(s, site, stack, f, &span);
    }
    qsort_r(s->sorted, s->count, sizeof(struct rg_top_site *), compare, &by);
}

static uint64_t add_to_hash(uint64_t hash, const char *text) {
    for (; *text; text++) {
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    }
    return hash * 31;
}

// The site of that name, made where there is none.
static struct rg_top_site *find_named(struct rg_top_sites *s, const struct rg_trace_name *name) {
    const size_t len = strlen(name->module);
    // Where it stands for the function, as in "libfoo.so+0x12".
    const bool has_module =
        !strncmp(name->function, name->module, len) && name->function[len] == '+';
    char *place = name->file && name->line
                      ? rg_need_text("%s:%u", last_part(name->file), name->line)
                  : name->file ? rg_need_copy(last_part(name->file))
                               : rg_need_copy(has_module ? "" : name->module);
    uint64_t hash = add_to_hash(UINT64_C(0xcbf29ce484222325), name->function);
    hash = add_to_hash(hash, name->file ? name->file : "");
    hash = add_to_hash(hash, place);
    void **found = rg_number_map_get(&s->named, hash);
    for (struct rg_top_site *site = *found; site; site = site->next) {
        if (!strcmp(site->function, name->function) && !strcmp(site->place, place)) {
            free(place);
            return site;
        }
    }
    struct rg_top_site *site = rg_need(sizeof *site);
    site->function = rg_need_copy(name->function);
    site->place = place;
    site->next = *found;
    *found = site;
    return site;
}

static void name_stack(struct rg_top_sites *s, struct rg_trace_names *names, uint32_t stack) {
    const struct rg_trace_name *name = rg_trace_names_site(names, stack);
    s->is_named[stack] = true;
    if (!name) {
        // It keeps what it was called, like a name.
        void **found = rg_number_map_get(&s->named, stack);
        s->of_stack[stack]->next = *found;
        *found = s->of_stack[stack];
        return;
    }
    struct rg_top_site *old = s->of_stack[stack];
    struct rg_top_site *site = find_named(s, name);
    site->is_open |= old->is_open;
    s->of_stack[stack] = site;
    s->selected = s->selected == old ? site : s->selected;
    free_sites(old);
}

bool rg_top_sites_name(struct rg_top_sites *s, uint64_t deadline) {
    struct rg_trace_names *names = s->unnamed ? rg_top_process_names(s->process) : NULL;
    if (!names) {
        return false;
    }
    uint32_t *wanted = rg_need(s->unnamed * sizeof *wanted);
    size_t count = 0;
    for (size_t i = 0; i < s->count; i++) {
        const uint32_t first = s->sorted[i]->stacks[0];
        if (!s->is_named[first]) {
            wanted[count++] = first;
        }
    }
    for (size_t i = 0; i < count && (i == 0 || rg_top_now() < deadline); i++) {
        name_stack(s, names, wanted[i]);
    }
    free(wanted);
    // What was in the order may be gone.
    s->count = count > 0 ? 0 : s->count;
    return count > 0;
}
