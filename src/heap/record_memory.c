// SPDX-License-Identifier: MIT
// See record_memory.h. Pieces are cut front to back from chunks; each knows its chunk, and that counts the
// pieces in each of its pages. State under the RECORDS lock; inherited by fork as it is.
#include "heap/record_memory.h"

#include "base/arena.h"
#include "base/own_memory.h"
#include "base/vmem.h"

#include <stdatomic.h>

enum { CHUNK = 256 << 10, LARGE_PIECE = CHUNK / 4, KEEP_BYTES = CHUNK };

struct chunk {
    uintptr_t base;
    size_t bytes, used;
    uint16_t pieces[]; // in each page
};

// What precedes each piece.
struct piece {
    struct chunk *chunk;
    struct piece *next; // kept for further use
};

enum { CYCLIC = RG_RECORDS_BRIEF + 1, FORMS };

static struct chunk *current[FORMS];

// Cyclic pieces of each size that were given back and are kept, all of them zero: a queue, so that a late reader finds
// zeros for as long as may be.
static struct { struct piece *first, *last; } kept[LARGE_PIECE / sizeof(struct piece) + 1];
static size_t kept_bytes, used_bytes; // of all cyclic pieces

static struct chunk *create(size_t bytes) {
    bytes = rg_align_up(bytes, RG_PAGE_SIZE);
    void *memory = rg_vmem_map_metadata(bytes);
    if (!memory) {
        return NULL;
    }
    // Last, since the arena takes nothing back.
    struct chunk *c = rg_arena_alloc(sizeof *c + bytes / RG_PAGE_SIZE * sizeof c->pieces[0]);
    if (!c) {
        rg_vmem_unmap(memory, bytes);
        return NULL;
    }
    rg_own_memory_note(memory, bytes);
    c->base = (uintptr_t)memory;
    c->bytes = bytes;
    return c;
}

static size_t whole_size(size_t bytes) {
    return rg_align_up(sizeof(struct piece) + bytes, sizeof(struct piece));
}

// The chunk that the next piece is cut from; a large piece has one of its own.
static struct chunk *chunk_for(unsigned form, size_t whole) {
    struct chunk *last = current[form];
    if (whole <= LARGE_PIECE && last && last->used + whole <= last->bytes) {
        return last;
    }
    struct chunk *fresh = create(whole > LARGE_PIECE ? whole : CHUNK);
    // Under a narrow limit there may be room for what is needed now, at least.
    fresh = fresh ? fresh : create(whole);
    if (fresh && whole <= LARGE_PIECE) {
        current[form] = fresh;
    }
    return fresh;
}

static void *take(unsigned form, size_t whole) {
    struct chunk *c = chunk_for(form, whole);
    if (!c) {
        return NULL;
    }
    struct piece *p = (struct piece *)(c->base + c->used);
    size_t end = c->used + whole;
    for (size_t page = c->used / RG_PAGE_SIZE; page <= (end - 1) / RG_PAGE_SIZE; page++) {
        c->pieces[page]++;
    }
    c->used = end;
    p->chunk = c;
    return p + 1;
}

void *rg_record_memory_take(enum rg_records_form form, size_t bytes) {
    return take(form, whole_size(bytes));
}

void rg_record_memory_give(void *p, size_t bytes) {
    struct piece *piece = (struct piece *)p - 1;
    struct chunk *c = piece->chunk;
    size_t offset = (uintptr_t)piece - c->base;
    size_t first = offset / RG_PAGE_SIZE;
    size_t end = (offset + whole_size(bytes) - 1) / RG_PAGE_SIZE + 1;
    for (size_t page = first; page < end; page++) {
        c->pieces[page]--;
    }
    // Only the first and the last page may hold others too.
    while (first < end && c->pieces[first] > 0) {
        first++;
    }
    while (first < end && c->pieces[end - 1] > 0) {
        end--;
    }
    if (first < end) {
        rg_vmem_drop(c->base + first * RG_PAGE_SIZE, (end - first) * RG_PAGE_SIZE);
    }
}

static bool is_kept(size_t whole) {
    size_t bound = used_bytes / 4 > KEEP_BYTES ? used_bytes / 4 : KEEP_BYTES;
    return whole <= LARGE_PIECE && kept_bytes + whole <= bound;
}

// A late reader may look at the same time.
static void clear(void *p, size_t bytes) {
    _Atomic uint64_t *word = p;
    for (size_t i = 0; i < (bytes + sizeof *word - 1) / sizeof *word; i++) {
        atomic_store_explicit(&word[i], 0, memory_order_relaxed);
    }
}

void *rg_record_memory_take_cyclic(size_t bytes) {
    size_t whole = whole_size(bytes);
    struct piece **first = whole <= LARGE_PIECE ? &kept[whole / sizeof(struct piece)].first : NULL;
    void *p;
    if (first && *first) {
        p = *first + 1;
        *first = (*first)->next;
        kept_bytes -= whole;
    } else {
        p = take(CYCLIC, whole);
    }
    used_bytes += p ? whole : 0;
    return p;
}

static void keep(struct piece *piece, size_t whole) {
    struct piece **first = &kept[whole / sizeof(struct piece)].first;
    struct piece **last = &kept[whole / sizeof(struct piece)].last;
    piece->next = NULL;
    *(*first ? &(*last)->next : first) = piece;
    *last = piece;
    kept_bytes += whole;
}

void rg_record_memory_give_cyclic(void *p, size_t bytes, bool may_be_used_again) {
    size_t whole = whole_size(bytes);
    used_bytes -= whole;
    if (may_be_used_again && is_kept(whole)) {
        clear(p, bytes);
        keep((struct piece *)p - 1, whole);
    } else {
        rg_record_memory_give(p, bytes);
    }
}
