// SPDX-License-Identifier: MIT
// See span.h. Spans start at four pages, so that a small program pays little, and grow up to 8 MiB, so
// that a large one has few mappings. From 2 MiB on their memory is gathered into huge pages, each before
// its first slot is handed out: a block in a further view then costs a small part of a page fault. No
// state of its own.
#include "heap/span.h"

#include "base/arena.h"

enum {
    FIRST_SPAN_BYTES = 4 * RG_PAGE_SIZE,
    STEEP_SPAN_BYTES = 256 * RG_PAGE_SIZE, // spans grow eightfold up to here, then they double
    LARGEST_SPAN_BYTES = 8 << 20,
    FIRST_PAGES_BYTES = RG_GRANULE_SIZE,
    LARGEST_PAGES_BYTES = 4 << 20,
    PIECE_UNITS = 4,
    // Where blocks are few there is no memory to spare: a small span's pages are mapped ahead only once their
    // first slots have left the thread's cache, which takes up to 64 at once.
    NEW_VIEWS = 64 / PIECE_UNITS,
    // As many pages as the kernel maps in one go.
    WINDOW_BYTES = 16 * RG_PAGE_SIZE,
};

static size_t units_for(unsigned c, const struct rg_span *last) {
    size_t unit = rg_size_classes[c].unit_bytes;
    bool small = rg_size_class_is_small(c);
    size_t bytes = small ? FIRST_SPAN_BYTES : FIRST_PAGES_BYTES;
    if (last) {
        size_t before = last->units * unit;
        bytes = before * (small && before < STEEP_SPAN_BYTES ? 8 : 2);
    }
    size_t most = small ? LARGEST_SPAN_BYTES : LARGEST_PAGES_BYTES;
    bytes = bytes > most ? most : bytes;
    return bytes < unit ? 1 : bytes / unit;
}

static struct rg_view *add_view(struct rg_bin *bin, struct rg_view *v) {
    v->next_all = bin->views;
    bin->views = v;
    return v;
}

bool rg_span_open_view(struct rg_bin *bin, unsigned c, uintptr_t root, size_t units, unsigned index,
                       struct rg_view **newest) {
    const struct rg_size_class *sc = &rg_size_classes[c];
    size_t bytes = units * sc->unit_bytes;
    // Where huge pages are not wanted views lie without gaps, so that page tables go with the views.
    bool may_be_huge = bytes >= RG_HUGE_SIZE && !rg_size_class_is_mobile(c);
    size_t align = may_be_huge ? RG_HUGE_SIZE : RG_GRANULE_SIZE;
    struct rg_view *v = rg_view_create(RG_VIEW_SMALL, c, sc->unit_bytes, units, align);
    if (!v) {
        return false;
    }
    v->root = root;
    v->index = (uint16_t)index;
    v->slot_offset = index * sc->slot_size;
    v->newest = newest;
    if (!rg_vmem_alias(root, bytes, v->base) || !rg_view_publish(v)) {
        return false;
    }
    *newest = add_view(bin, v);
    return true;
}

static struct rg_view *open_pages(struct rg_bin *bin, unsigned c, size_t units) {
    size_t unit = rg_size_classes[c].unit_bytes;
    struct rg_view *v = rg_view_create(RG_VIEW_PAGES, c, unit, units, RG_GRANULE_SIZE);
    if (!v || !rg_vmem_commit(v->base, unit * units) || !rg_view_publish(v)) {
        return NULL;
    }
    return add_view(bin, v);
}

static struct rg_view *get_view(struct rg_bin *bin, unsigned c, struct rg_span *s) {
    struct rg_view *v = s->views[s->index];
    if (rg_likely(v != NULL)) {
        return v;
    }
    if (!rg_span_open_view(bin, c, s->root, s->units, s->index, &s->views[s->index])) {
        return NULL;
    }
    return s->views[s->index];
}

// Gathers the 2 MiB that the next slot is the first of: the next ones of the span may never be used.
static void gather(struct rg_span *s, unsigned c, const struct rg_view *v) {
    size_t units = RG_HUGE_SIZE / v->unit_bytes;
    if (s->index == 0 && s->unit % units == 0 && !rg_size_class_is_mobile(c)) {
        s->is_huge = s->unit + units <= s->units &&
                     rg_vmem_collapse(v->base + s->unit * v->unit_bytes, RG_HUGE_SIZE);
    }
}

static size_t piece_end(const struct rg_span *s) {
    return s->piece + PIECE_UNITS < s->units ? s->piece + PIECE_UNITS : s->units;
}

// To the next slot; its unit is past the end when the span is used up.
static void advance(struct rg_span *s, unsigned c) {
    if (++s->unit < piece_end(s)) {
        return;
    }
    if (++s->index == rg_size_classes[c].slots) {
        s->index = 0;
        s->piece = piece_end(s);
    }
    s->unit = s->piece;
}

static bool is_small(const struct rg_span *s, unsigned c) {
    return s->units * rg_size_classes[c].unit_bytes < STEEP_SPAN_BYTES;
}

// Units that are mapped ahead together.
static size_t window_units(const struct rg_span *s, unsigned c) {
    size_t units = is_small(s, c) ? PIECE_UNITS : WINDOW_BYTES / rg_size_classes[c].unit_bytes;
    return units > PIECE_UNITS ? units : PIECE_UNITS;
}

// The next slot is the first of its piece to come through the view. The others follow soon, and the first
// touch of each page in each view would be a fault.
static void map_ahead(const struct rg_span *s, unsigned c, const struct rg_view *v) {
    size_t window = window_units(s, c);
    bool is_new = is_small(s, c) && s->index < NEW_VIEWS;
    bool is_huge = s->is_huge && v->sealed == 0;
    if (s->unit % window == 0 && !is_new && !is_huge) {
        size_t units = s->unit + window < s->units ? window : s->units - s->unit;
        rg_vmem_map_ahead(v->base + s->unit * v->unit_bytes, units * v->unit_bytes);
    }
}

size_t rg_span_touched(const struct rg_span *s) {
    return s->index > 0 ? piece_end(s) : s->unit;
}

bool rg_span_take(struct rg_bin *bin, unsigned c, struct rg_slot *ret_slot) {
    struct rg_span *s = bin->span;
    if (!s || s->unit >= s->units) {
        return false;
    }
    struct rg_view *v = get_view(bin, c, s);
    if (!v) {
        return false;
    }
    if (s->unit == s->piece && v->kind == RG_VIEW_SMALL) {
        gather(s, c, v);
        map_ahead(s, c, v);
    }
    v->given++;
    *ret_slot = (struct rg_slot){(void *)rg_view_block(v, s->unit), rg_view_record_of(v, s->unit)};
    advance(s, c);
    return true;
}

bool rg_span_grow(struct rg_bin *bin, unsigned c) {
    struct rg_span *s = rg_arena_alloc(sizeof *s + rg_size_classes[c].slots * sizeof(void *));
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
        while (!(s->views[0] = open_pages(bin, c, s->units))) {
            // A limit may leave room for less.
            s->units /= 2;
            if (s->units == 0) {
                return false;
            }
        }
    }
    s->older = bin->span;
    bin->span = s;
    bin->generations = 0;
    return true;
}
