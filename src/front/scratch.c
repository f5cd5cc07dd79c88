// SPDX-License-Identifier: MIT
// See scratch.h. State under the SCRATCH lock: a hash table of pages (linear probing), and a ring of
// them in the order in which they were made: the oldest one that is closed makes room for a new one,
// since each costs up to two mappings. Fork: the pages are private memory and inherited; the child's
// views are mapped around them.
#include "front/scratch.h"

#include "base/lock.h"
#include "base/vmem.h"
#include "heap/heap.h"

#include <string.h>

enum { PLACES = 1 << 14, PAGES_MAX = PLACES / 2 };

static struct scratch {
    uintptr_t page; // 0: free place
    unsigned open;  // threads that have it open
} table[PLACES];

static uintptr_t ring[PAGES_MAX];
static size_t ring_next, page_count;

static size_t home(uintptr_t page) {
    return (page >> 12) * 0x9e3779b97f4a7c15UL >> 50;
}

static struct scratch *find(uintptr_t page) {
    size_t at = home(page);
    while (table[at].page && table[at].page != page) {
        at = (at + 1) % PLACES;
    }
    return &table[at];
}

// Empties a place and moves up what was pushed past it (Knuth, volume 3, 6.4, algorithm R).
static void remove_place(struct scratch *s) {
    size_t hole = (size_t)(s - table);
    for (size_t at = (hole + 1) % PLACES; table[at].page; at = (at + 1) % PLACES) {
        size_t distance_home = (at + PLACES - home(table[at].page)) % PLACES;
        size_t distance_hole = (at + PLACES - hole) % PLACES;
        if (distance_home >= distance_hole) {
            table[hole] = table[at];
            hole = at;
        }
    }
    table[hole] = (struct scratch){0};
}

// Frees the ring's next place. False: every page is open.
static bool make_room(void) {
    for (size_t tries = 0; tries < PAGES_MAX; tries++) {
        struct scratch *oldest = find(ring[ring_next]);
        if (oldest->open == 0) {
            rg_heap_reseal_page(oldest->page);
            remove_place(oldest);
            page_count--;
            return true;
        }
        ring_next = (ring_next + 1) % PAGES_MAX;
    }
    return false;
}

static void fill(void *dst, void *arg) {
    rg_heap_old_contents(*(uintptr_t *)arg, dst);
}

static struct scratch *make(uintptr_t page) {
    if (page_count == PAGES_MAX && !make_room()) {
        return NULL;
    }
    rg_heap_pin_view(page);
    if (!rg_vmem_put_scratch(page, fill, &page)) {
        rg_heap_reseal_page(page);
        return NULL;
    }
    page_count++;
    ring[ring_next] = page;
    ring_next = (ring_next + 1) % PAGES_MAX;
    struct scratch *s = find(page);
    *s = (struct scratch){.page = page};
    return s;
}

bool rg_scratch_open(uintptr_t page) {
    rg_lock(RG_LOCK_SCRATCH);
    struct scratch *s = find(page);
    bool is_new = s->page == 0;
    if (is_new) {
        s = make(page);
    }
    if (s && s->open++ == 0 && !is_new) {
        rg_vmem_open_scratch(page, true);
    }
    rg_unlock(RG_LOCK_SCRATCH);
    return s != NULL;
}

void rg_scratch_close(uintptr_t page) {
    rg_lock(RG_LOCK_SCRATCH);
    struct scratch *s = find(page);
    if (s->page && s->open > 0 && --s->open == 0) {
        rg_vmem_open_scratch(page, false);
    }
    rg_unlock(RG_LOCK_SCRATCH);
}

bool rg_scratch_is_at(uintptr_t page) {
    return find(page)->page == page;
}

// Calls fn for each page's share of a range, with the page open; pages that are not stale,
// or cannot be had, are passed over.
static void each_page(uintptr_t address, char *other, uintptr_t n,
                      void (*fn)(void *page_bytes, void *other, size_t n)) {
    while (n > 0) {
        uintptr_t page = address & ~(uintptr_t)(RG_PAGE_SIZE - 1);
        uintptr_t here = page + RG_PAGE_SIZE - address;
        here = here < n ? here : n;
        if (rg_heap_is_stale(address) && rg_scratch_open(page)) {
            fn((void *)address, other, here);
            rg_scratch_close(page);
        }
        address += here;
        other += here;
        n -= here;
    }
}

static void copy_out(void *page_bytes, void *other, size_t n) {
    memcpy(other, page_bytes, n);
}

static void copy_in(void *page_bytes, void *other, size_t n) {
    memcpy(page_bytes, other, n);
}

void rg_scratch_read(uintptr_t address, void *dst, uintptr_t n) {
    each_page(address, dst, n, copy_out);
}

void rg_scratch_write(uintptr_t address, const void *src, uintptr_t n) {
    each_page(address, (char *)(uintptr_t)src, n, copy_in);
}
