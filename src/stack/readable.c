// SPDX-License-Identifier: MIT
// Which part of a stack a walk may read: see walk.h. What was readable once may be gone, and a smaller stack be at its
// place. So a walk asks anew for each page that it comes to; not for those of the thread's own stack, where nearly all
// walks are. No state: all belongs to the walker.
#include "base/sys.h"
#include "base/vmem.h"
#include "stack/walk.h"

enum { GAP_PAGES_MAX = 16, OWN_PAGES_MAX = 64 };

static uintptr_t page_of(uintptr_t at) {
    return at & ~(uintptr_t)(RG_PAGE_SIZE - 1);
}

static bool is_readable(uintptr_t at) {
    return rg_is_readable((void *)page_of(at), 1);
}

static void turn_to(struct rg_walker *w, uintptr_t from, uintptr_t to) {
    w->other_from = w->readable_from;
    w->other_to = w->readable_to;
    w->readable_from = from;
    w->readable_to = to;
}

static bool is_known(const struct rg_walker *w, uintptr_t at) {
    return at >= w->readable_from && at < w->readable_to;
}

// Coroutines take turns. False: it is in none of the stacks that are known.
static bool turn_to_known(struct rg_walker *w, uintptr_t at) {
    if (is_known(w, at)) {
        return true;
    }
    if (at >= w->other_from && at < w->other_to) {
        turn_to(w, w->other_from, w->other_to);
        return true;
    }
    if (rg_walk_is_own(w, at)) {
        turn_to(w, w->own_from, w->own_to);
        return true;
    }
    return false;
}

// A frame may be larger than a page, so what is known grows over a gap too. Were it to start anew at the
// page, a walk through such a frame would leave only its last page known, and ask for all others again.
static void enter_readable(struct rg_walker *w, uintptr_t page) {
    const uintptr_t from = w->readable_from, to = w->readable_to;
    if (page - w->readable_to <= (uintptr_t)GAP_PAGES_MAX * RG_PAGE_SIZE) {
        while (w->readable_to < page && is_readable(w->readable_to)) {
            w->readable_to += RG_PAGE_SIZE;
        }
    } else if (w->readable_from - page <= (uintptr_t)GAP_PAGES_MAX * RG_PAGE_SIZE) {
        while (w->readable_from > page && is_readable(w->readable_from - RG_PAGE_SIZE)) {
            w->readable_from -= RG_PAGE_SIZE;
        }
    }
    if (w->readable_to == page) {
        w->readable_to += RG_PAGE_SIZE;
    } else if (page < w->readable_from || page >= w->readable_to) {
        w->other_from = from;
        w->other_to = to;
        w->readable_from = page;
        w->readable_to = page + RG_PAGE_SIZE;
    }
    if (w->readable_from < w->own_from && w->readable_to >= w->own_to) {
        w->own_from = w->readable_from;
    }
}

void rg_walk_check_stack(struct rg_walker *w, uintptr_t sp) {
    if (!turn_to_known(w, sp) && is_readable(sp)) {
        enter_readable(w, page_of(sp));
    }
}

void rg_walk_begin(struct rg_walker *w, uintptr_t end) {
    uintptr_t from = page_of((uintptr_t)__builtin_frame_address(0));
    uintptr_t to = rg_align_up(end, RG_PAGE_SIZE);
    rg_walk_forget_stack(w);
    if (from < to && to - from <= (uintptr_t)OWN_PAGES_MAX * RG_PAGE_SIZE &&
        rg_is_readable((void *)from, to - from)) {
        w->readable_from = w->own_from = from;
        w->readable_to = w->own_to = to;
    }
}

static void trust_from(struct rg_walker *w, uintptr_t from, uintptr_t to) {
    w->trusted_from = from;
    w->trusted_to = to;
}

void rg_walk_begin_trust(struct rg_walker *w, uintptr_t sp, uintptr_t at) {
    rg_walk_check_stack(w, sp);
    if (rg_likely(rg_walk_is_own(w, sp))) {
        trust_from(w, w->own_from, w->own_to);
    } else if (is_known(w, at)) {
        trust_from(w, page_of(at), page_of(at) + RG_PAGE_SIZE);
    } else {
        trust_from(w, 0, 0);
    }
}

bool rg_walk_trust(struct rg_walker *w, uintptr_t at) {
    const uintptr_t page = page_of(at);
    const bool was_known = turn_to_known(w, at);
    if (rg_walk_is_own(w, at)) {
        trust_from(w, w->own_from, w->own_to);
        return true;
    }
    if (!is_readable(at)) {
        w->readable_to = was_known ? page : w->readable_to;
        return false;
    }
    if (!was_known) {
        enter_readable(w, page);
    }
    if (page == w->trusted_to) {
        w->trusted_to += RG_PAGE_SIZE;
    } else {
        trust_from(w, page, page + RG_PAGE_SIZE);
    }
    return true;
}
