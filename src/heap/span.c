// SPDX-License-Identifier: MIT
// See span.h. Spans start at four pages, so that a small program pays little, and double up to 8 MiB,
// so that a large one has few mappings. From 2 MiB on their memory is gathered into huge pages before
// the first slot is handed out: a block in a further view then costs a small part of a page fault. No
// state of its own.
#include "heap/span.h"

#include "base/arena.h"

enum {
    FIRST_SPAN_BYTES = 4 * RG_PAGE_SIZE,
    LARGEST_SPAN_BYTES = 8 << 20,
    FIRST_PAGES_BYTES = RG_GRANULE_SIZE,
    LARGEST_PAGES_BYTES = 4 << 20,
};

static size_t units_for(unsigned c, const struct rg_span *last) {
    size_t unit = rg_size_classes[c].unit_bytes;
    bool small = rg_size_class_is_small(c);
    size_t first = small ? FIRST_SPAN_BYTES : FIRST_PAGES_BYTES;
    size_t most = small ? LARGEST_SPAN_BYTES : LARGEST_PAGES_BYTES;
    size_t bytes = last ? last->units * unit * 2 : first;
    bytes = bytes > most ? most : bytes;
    return bytes < unit ? 1 : bytes / unit;
}

static struct rg_view *add_view(struct rg_bin *bin, struct rg_view *v) {
    v->next_all = bin->views;
    bin->views = v;
    return v;
}

struct rg_view *rg_span_open_view(struct rg_bin *bin, unsigned c, uintptr_t root, size_t units,
                                  unsigned index) {
    const struct rg_size_class *sc = &rg_size_classes[c];
    size_t bytes = units * sc->unit_bytes;
    size_t align = bytes >= RG_HUGE_SIZE ? RG_HUGE_SIZE : RG_GRANULE_SIZE;
    struct rg_view *v = rg_view_create(RG_VIEW_SMALL, c, sc->unit_bytes, units, align);
    if (!v) {
        return NULL;
    }
    v->root = root;
    v->index = (uint16_t)index;
    v->slot_offset = index * sc->slot_size;
    if (!rg_vmem_alias(root, bytes, v->base) || !rg_view_publish(v)) {
        return NULL;
    }
    return add_view(bin, v);
}

static struct rg_view *open_pages(struct rg_bin *bin, unsigned c, size_t units) {
    size_t unit = rg_size_classes[c].unit_bytes;
    struct rg_view *v = rg_view_create(RG_VIEW_PAGES, c, unit, units, RG_GRANULE_SIZE);
    if (!v || !rg_vmem_commit(v->base, unit * units) || !rg_view_publish(v)) {
        return NULL;
    }
    return add_view(bin, v);
}

static bool open_next_view(struct rg_bin *bin, unsigned c, struct rg_span *s) {
    if (s->next_view + (s->view != NULL) >= rg_size_classes[c].slots) {
        return false;
    }
    unsigned index = (unsigned)(s->next_view + (s->view != NULL));
    struct rg_view *v = rg_span_open_view(bin, c, s->root, s->units, index);
    if (!v) {
        return false;
    }
    if (index == 0 && s->units * rg_size_classes[c].unit_bytes >= RG_HUGE_SIZE) {
        rg_vmem_collapse(v->base, s->units * rg_size_classes[c].unit_bytes);
    }
    s->next_view = index;
    s->next_unit = 0;
    s->view = v;
    return true;
}

bool rg_span_take(struct rg_bin *bin, unsigned c, struct rg_slot *ret_slot) {
    struct rg_span *s = bin->span;
    if (!s) {
        return false;
    }
    if ((!s->view || s->next_unit == s->units) && !open_next_view(bin, c, s)) {
        return false;
    }
    size_t unit = s->next_unit++;
    *ret_slot = (struct rg_slot){(void *)rg_view_block(s->view, unit), &s->view->records[unit]};
    return true;
}

bool rg_span_grow(struct rg_bin *bin, unsigned c) {
    struct rg_span *s = rg_arena_alloc(sizeof *s);
    if (!s) {
        return false;
    }
    s->units = units_for(c, bin->span);
    if (rg_size_class_is_small(c)) {
        s->root = rg_vmem_take_root(s->units * rg_size_classes[c].unit_bytes);
        if (!s->root) {
            return false;
        }
    } else {
        s->view = open_pages(bin, c, s->units);
        if (!s->view) {
            return false;
        }
    }
    s->older = bin->span;
    bin->span = s;
    return true;
}
