// SPDX-License-Identifier: MIT
// See large.h. Regions of addresses come in sizes, eight to each doubling, with a list of freed ones for each,
// so that whatever was freed fits the next block of about its size, and addresses do not run away. All under
// the LARGE lock. Private memory is inherited by fork as usual.
#include "heap/large.h"

#include "base/arena.h"
#include "base/die.h"
#include "base/lock.h"
#include "heap/reuse.h"
#include "heap/seal.h"

#include <string.h>

enum {
    SEGMENTS_MAX = 16, // pieces of memory that were moved here or added one by one
    STEPS = 8,         // sizes of regions to each doubling
    LISTS = 32 * STEPS,
    LARGER_LISTS = 2, // where a block may go as well
    TRIES = 8,        // regions looked at in a list, for one that is aligned
};

static const size_t ASK_FIRST_BYTES = (size_t)256 << 20;

// The most memory of one freed block that is kept.
static const size_t KEEP_BYTES = (size_t)32 << 20;

// A view of one unit. Its memory is the range [base, base + mapped), made of segments that the kernel
// holds as separate mappings: they move one at a time.
struct large {
    struct rg_view *view;
    struct large *next; // in a list of freed ones
    // Of those that have memory: freed before and after this one.
    struct large *older, *newer;
    bool is_counted; // among what is kept
    size_t mapped;   // bytes of memory, from base on; 0: none
    unsigned segments;
    size_t segment_end[SEGMENTS_MAX];
    bool
        last_is_own; // the last segment was mapped here, so what is mapped after it becomes one with it
    bool is_edge;            // see large.h
    struct large *next_edge; // in the list of all that there have been
};

// Each edge that is moved away leaves a view behind for ever, so they are not made without end.
enum {
    EDGE_BYTES_MAX = 16 * RG_PAGE_SIZE,
    EDGES_EVER = 2,
    EDGE_MAPPINGS = 2,
    EDGE_TAIL_MAX = 4 << 20
};

static struct large *freed_edges; // they keep their memory
static struct large *all_edges;
static unsigned edges, edges_ever; // that have memory; and had any
// Whether one may be had: to be looked at without the lock.
static _Atomic bool has_edges = true;
unsigned rg_large_edges_max = 256;

static struct large *freed[LISTS];
static struct large *oldest, *newest; // freed ones that have memory
static _Atomic size_t kept;           // by all of these but the one that was freed last

// A large view has no root; the field leads to its side record instead.
static struct large *large_of(const struct rg_view *v) {
    return (struct large *)v->root;
}

static unsigned log2_of(size_t n) {
    return 63 - (unsigned)__builtin_clzl(n);
}

// The size of a region that holds `bytes`.
static size_t region_for(size_t bytes) {
    size_t granules = rg_align_up(bytes, RG_GRANULE_SIZE) >> RG_GRANULE_SHIFT;
    if (granules > STEPS) {
        granules = rg_align_up(granules, ((size_t)1 << log2_of(granules)) / STEPS);
    }
    return granules << RG_GRANULE_SHIFT;
}

// The list of regions of this size.
static unsigned list_for(size_t region) {
    size_t granules = region >> RG_GRANULE_SHIFT;
    if (granules <= STEPS) {
        return (unsigned)granules;
    }
    unsigned shift = log2_of(granules) - log2_of(STEPS);
    return shift * STEPS + (unsigned)(granules >> shift);
}

// Address space is never given back, so a block that cannot be had must not take any. The C library aligns a
// block by asking for so much more.
static bool can_be_had(size_t bytes, size_t align) {
    size_t asked;
    if (__builtin_add_overflow(bytes, align, &asked)) {
        return false;
    }
    return asked < ASK_FIRST_BYTES || rg_vmem_would_commit(asked);
}

// Blocks that start at a multiple of RG_HUGE_SIZE are moved by the kernel with whole page tables, and leave none behind.
// That may double the addresses that one takes.
static bool deserves_own_tables(size_t bytes) {
    return bytes >= RG_HUGE_SIZE || (bytes >= RG_HUGE_SIZE / 2 && !rg_vmem_is_limited());
}

// Where addresses are not limited each block is followed by a page at least that nothing is in.
static size_t with_gap(size_t bytes) {
    return rg_vmem_is_limited() ? bytes : bytes + RG_PAGE_SIZE;
}

// The block is to start so many bytes from the start of its addresses.
static struct large *create_at(size_t offset, size_t bytes, size_t align) {
    struct rg_view *v = rg_view_create(RG_VIEW_LARGE, RG_NO_CLASS, region_for(bytes), 1, align);
    struct large *l = v ? rg_arena_alloc(sizeof *l) : NULL;
    if (!l) {
        return NULL;
    }
    v->root = (uintptr_t)l;
    v->slot_offset = (uint32_t)offset;
    l->view = v;
    if (!rg_view_publish(v)) {
        return NULL;
    }
    return l;
}

// With the LARGE lock held.
static struct large *create(size_t bytes, size_t align) {
    if (align < RG_HUGE_SIZE && deserves_own_tables(bytes)) {
        align = RG_HUGE_SIZE;
    }
    return create_at(0, with_gap(bytes), align);
}

static void count(struct large *l, bool is_counted) {
    if (l->is_counted != is_counted) {
        size_t bytes = is_counted ? l->mapped : -l->mapped;
        atomic_fetch_add_explicit(&kept, bytes, memory_order_relaxed);
        atomic_fetch_add_explicit(&rg_reuse.kept, bytes, memory_order_relaxed);
        l->is_counted = is_counted;
    }
}

static void keep(struct large *l) {
    if (newest) {
        count(newest, true);
        newest->newer = l;
    } else {
        oldest = l;
    }
    l->older = newest;
    l->newer = NULL;
    newest = l;
}

static void keep_no_more(struct large *l) {
    count(l, false);
    *(l->older ? &l->older->newer : &oldest) = l->newer;
    *(l->newer ? &l->newer->older : &newest) = l->older;
    if (newest) {
        count(newest, false);
    }
}

static void note_in_use(size_t bytes) {
    atomic_fetch_add_explicit(&rg_reuse.in_use, bytes, memory_order_relaxed);
}

// Whether a scratch page lies behind its memory, which nothing may be mapped over.
static bool has_scratch(const struct large *l) {
    return atomic_load(&l->view->scratch) != 0;
}

static struct large *find_freed(size_t bytes, size_t align, unsigned lists) {
    unsigned first = list_for(region_for(with_gap(bytes)));
    for (unsigned list = first; list <= first + lists && list < LISTS; list++) {
        struct large **link = &freed[list];
        for (int tries = 0; *link && tries < TRIES; tries++, link = &(*link)->next) {
            struct large *l = *link;
            if (l->view->base % align == 0 && !has_scratch(l)) {
                *link = l->next;
                if (l->mapped > 0) {
                    keep_no_more(l);
                }
                return l;
            }
        }
    }
    return NULL;
}

static void put_freed(struct large *l) {
    struct large **list = &freed[list_for(l->view->unit_bytes)];
    l->next = *list;
    *list = l;
    if (l->mapped > 0) {
        keep(l);
    }
}

static bool drop_memory(struct large *l) {
    if (!rg_vmem_retire(l->view->base, l->view->reserved)) {
        return false;
    }
    l->mapped = 0;
    l->segments = 0;
    return true;
}

static bool commit_all(struct large *l, size_t bytes) {
    if (!rg_vmem_commit(l->view->base, bytes)) {
        return false;
    }
    l->mapped = bytes;
    l->segments = 1;
    l->segment_end[0] = bytes;
    l->last_is_own = true;
    return true;
}

static struct rg_slot slot_of(const struct large *l) {
    return (struct rg_slot){(void *)rg_view_block(l->view, 0), rg_view_record_of(l->view, 0)};
}

static size_t round_size(size_t size) {
    return rg_align_up(size ? size : 1, RG_PAGE_SIZE);
}

bool rg_large_take(size_t size, size_t align, struct rg_slot *ret_slot, bool *ret_zeroed) {
    size_t bytes = round_size(size);
    if (!can_be_had(bytes, align)) {
        return false;
    }
    align = align < RG_GRANULE_SIZE ? RG_GRANULE_SIZE : align;
    rg_lock(RG_LOCK_LARGE);
    struct large *l = find_freed(bytes, align, LARGER_LISTS);
    bool reused = l != NULL;
    l = l ? l : create(bytes, align);
    if (!l) {
        // Address space is limited: any that is large enough must do.
        l = find_freed(bytes, align, LISTS);
        reused = l != NULL;
    }
    rg_unlock(RG_LOCK_LARGE);
    if (!l) {
        return false;
    }
    bool has_memory = l->mapped >= bytes;
    if (!has_memory && !commit_all(l, bytes)) {
        rg_lock(RG_LOCK_LARGE);
        put_freed(l);
        rg_unlock(RG_LOCK_LARGE);
        return false;
    }
    note_in_use(l->mapped);
    *ret_slot = slot_of(l);
    *ret_zeroed = !(reused && has_memory);
    return true;
}

static void forget_edge(void) {
    edges--;
    rg_seal_count_mappings(-EDGE_MAPPINGS);
}

static bool may_create_edge(void) {
    return edges < rg_large_edges_max && edges_ever / EDGES_EVER < rg_large_edges_max;
}

// After each change.
static void note_edges(void) {
    bool is_over = edges_ever / EDGES_EVER >= rg_large_edges_max;
    atomic_store_explicit(&has_edges, !is_over && (freed_edges || may_create_edge()),
                          memory_order_relaxed);
}

// A packed record knows a block by its page alone, so where it starts in its view stays as it is.
static struct large *find_freed_edge(size_t offset, size_t bytes, size_t region) {
    for (struct large **link = &freed_edges; *link; link = &(*link)->next) {
        struct large *l = *link;
        if (l->mapped == bytes && l->view->slot_offset == offset && l->view->unit_bytes >= region) {
            *link = l->next;
            return l;
        }
    }
    return NULL;
}

// The one that was freed first makes room. Whoever uses it still is told so: see rg_heap_is_stale.
static void drop_freed_edge(void) {
    struct large **link = &freed_edges;
    while (*link && (*link)->next) {
        link = &(*link)->next;
    }
    if (*link && drop_memory(*link)) {
        *link = NULL;
        forget_edge();
    }
}

// What has the memory of an edge is not counted as kept for reuse: it is little.
static struct large *create_edge(size_t offset, size_t bytes, size_t region) {
    if (!may_create_edge() || !rg_seal_count_mappings(EDGE_MAPPINGS)) {
        return NULL;
    }
    edges_ever++; // also if there is no memory for it: its addresses are used up
    struct large *l = create_at(offset, region, RG_GRANULE_SIZE);
    if (!l || !commit_all(l, bytes)) {
        rg_seal_count_mappings(-EDGE_MAPPINGS);
        return NULL;
    }
    l->is_edge = true;
    l->next_edge = all_edges;
    all_edges = l;
    edges++;
    return l;
}

bool rg_large_take_edge(size_t size, size_t tail, struct rg_slot *ret_slot) {
    size_t bytes = round_size(size);
    size_t region =
        region_for(bytes + RG_PAGE_SIZE + (tail < EDGE_TAIL_MAX ? tail : EDGE_TAIL_MAX));
    size_t offset = bytes - rg_align_up(size ? size : 1, RG_SMALL_ALIGN);
    if (bytes > EDGE_BYTES_MAX || !atomic_load_explicit(&has_edges, memory_order_relaxed) ||
        rg_vmem_is_limited()) {
        return false;
    }
    rg_lock(RG_LOCK_LARGE);
    struct large *l = find_freed_edge(offset, bytes, region);
    if (!l && edges >= rg_large_edges_max) {
        drop_freed_edge();
    }
    l = l ? l : create_edge(offset, bytes, region);
    note_edges();
    rg_unlock(RG_LOCK_LARGE);
    if (l) {
        note_in_use(l->mapped);
        *ret_slot = slot_of(l);
    }
    return l != NULL;
}

bool rg_large_is_edge(const struct rg_view *v) {
    return large_of(v)->is_edge;
}

void rg_large_each_edge(void (*fn)(struct rg_view *v, void *arg), void *arg) {
    rg_lock(RG_LOCK_LARGE);
    for (struct large *l = all_edges; l; l = l->next_edge) {
        fn(l->view, arg);
    }
    rg_unlock(RG_LOCK_LARGE);
}

static void give_edge(struct large *l) {
    rg_lock(RG_LOCK_LARGE);
    l->next = freed_edges;
    freed_edges = l;
    note_edges();
    rg_unlock(RG_LOCK_LARGE);
}

void rg_large_give(struct rg_view *v) {
    struct large *l = large_of(v);
    note_in_use(-l->mapped);
    if (l->is_edge) {
        give_edge(l);
        return;
    }
    if (l->mapped > KEEP_BYTES || l->segments > 1) {
        drop_memory(l);
    }
    rg_lock(RG_LOCK_LARGE);
    put_freed(l);
    rg_unlock(RG_LOCK_LARGE);
}

void rg_large_vacated(struct rg_view *v) {
    struct large *l = large_of(v);
    note_in_use(-l->mapped);
    if (l->is_edge) {
        rg_lock(RG_LOCK_LARGE);
        forget_edge();
        note_edges();
        rg_unlock(RG_LOCK_LARGE);
    }
    rg_view_note_retired(v);
}

bool rg_large_is_behind(const struct rg_view *v, uintptr_t address) {
    return address >= v->base + large_of(v)->mapped;
}

size_t rg_large_kept_bytes(void) {
    return atomic_load_explicit(&kept, memory_order_relaxed);
}

bool rg_large_drop_oldest(void) {
    rg_lock(RG_LOCK_LARGE);
    struct large *l = oldest;
    bool done = l && l != newest;
    if (done) {
        keep_no_more(l);
        done = drop_memory(l);
        if (!done) {
            keep(l);
        }
    }
    rg_unlock(RG_LOCK_LARGE);
    return done;
}

// Maps what is in use of the new block from `done` on, and copies what the old one has of it.
static bool copy_rest(const struct large *old, struct large *new, size_t done, size_t common,
                      size_t bytes) {
    if (!rg_vmem_commit(new->view->base + done, bytes - done)) {
        return false;
    }
    memcpy((void *)(new->view->base + done), (void *)(old->view->base + done), common - done);
    return true;
}

// How many segments to move: all, until there are too many. Then those that are no larger than all that comes
// after them are copied, and become one with that: it will be long before a byte is copied again.
static unsigned count_moved(const struct large *old, size_t common, size_t bytes) {
    unsigned n = 0;
    while (n < old->segments && (n == 0 || old->segment_end[n - 1] < common)) {
        n++;
    }
    bool full = n == SEGMENTS_MAX && bytes > common;
    for (; full && n > 0; n--) {
        size_t start = n > 1 ? old->segment_end[n - 2] : 0;
        size_t end = old->segment_end[n - 1] < common ? old->segment_end[n - 1] : common;
        if (n < SEGMENTS_MAX && end - start > bytes - end) {
            break;
        }
    }
    return n;
}

// Moves or copies the first `common` bytes of the old block, and maps the rest. False: nothing has changed.
static bool fill(const struct large *old, struct large *new, size_t common, size_t bytes) {
    unsigned moved = count_moved(old, common, bytes);
    size_t done = moved > 0 ? old->segment_end[moved - 1] : 0;
    done = done < common ? done : common;
    // What is mapped anew comes first: it can fail without harm.
    bool own = done < bytes;
    if (own && !copy_rest(old, new, done, common, bytes)) {
        return false;
    }
    for (size_t i = 0, start = 0; i < moved; i++) {
        size_t end = old->segment_end[i] < done ? old->segment_end[i] : done;
        if (!rg_vmem_move(old->view->base + start, end - start, new->view->base + start)) {
            if (start == 0) {
                return false;
            }
            // What has moved leaves mappings that count (RLIMIT_DATA, strict overcommit); they are empty.
            if (rg_vmem_retire(old->view->base, start) &&
                rg_vmem_move(old->view->base + start, end - start, new->view->base + start)) {
                new->segment_end[new->segments++] = end;
                start = end;
                continue;
            }
            // Part of it is already here, so the rest must come too, by copy.
            if (!copy_rest(old, new, start, common, bytes)) {
                rg_die("a large block moved only in part");
            }
            own = true;
            break;
        }
        new->segment_end[new->segments++] = end;
        start = end;
    }
    if (own) {
        new->segment_end[new->segments++] = bytes;
    }
    new->last_is_own = own;
    new->mapped = bytes;
    return true;
}

bool rg_large_take_over(struct rg_view *old_view, size_t size, size_t room,
                        struct rg_slot *ret_slot) {
    struct large *old = large_of(old_view);
    size_t bytes = round_size(size);
    size_t common = bytes < old->mapped ? bytes : old->mapped;
    if (old->is_edge || !can_be_had(bytes - common, 0)) {
        return false;
    }
    rg_lock(RG_LOCK_LARGE);
    struct large *l = create(bytes + room, RG_GRANULE_SIZE);
    l = l || room == 0 ? l : create(bytes, RG_GRANULE_SIZE);
    rg_unlock(RG_LOCK_LARGE);
    if (!l) {
        return false;
    }
    if (!fill(old, l, common, bytes)) {
        rg_vmem_retire(l->view->base, l->view->reserved);
        return false;
    }
    note_in_use(bytes);
    *ret_slot = slot_of(l);
    return true;
}

bool rg_large_extend(struct rg_view *v, size_t size) {
    struct large *l = large_of(v);
    size_t bytes = round_size(size);
    if (l->is_edge) {
        return false;
    }
    if (bytes <= l->mapped) {
        return true;
    }
    size_t more = bytes - l->mapped;
    bool add = l->segments == 0 || !l->last_is_own;
    if (has_scratch(l) || with_gap(bytes) > v->unit_bytes || (add && l->segments == SEGMENTS_MAX) ||
        !can_be_had(more, 0) || !rg_vmem_commit(v->base + l->mapped, more)) {
        return false;
    }
    l->segments += add;
    l->segment_end[l->segments - 1] = bytes;
    l->last_is_own = true;
    l->mapped = bytes;
    note_in_use(more);
    return true;
}

size_t rg_large_capacity(const struct rg_view *v) {
    return large_of(v)->mapped - v->slot_offset;
}
