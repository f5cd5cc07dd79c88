// SPDX-License-Identifier: MIT
// See depot.h. A hash table of ids with linear probing. Entries are immutable once their id is published with
// release order, so readers need no lock; the table is replaced by a larger one under the lock, and the old one
// stays readable (a reader that still uses it misses at worst the newest entries, and then looks again under the
// lock). Deep stacks are many where there are any, so an entry takes four bytes a frame wherever it can, and
// entries follow each other without gaps. Fork: the lock is taken by the front; the data is inherited.
#include "stack/depot.h"

#include "base/arena.h"
#include "base/lock.h"
#include "stack/packed_pc.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

struct entry {
    uint32_t hash;
    uint32_t epoch;
    uint16_t count;
    bool is_packed;   // else two words a frame
    uint32_t words[]; // packed pcs, or pcs as they are
};

// A slot holds an id and the upper bits of its hash, which tell nearly every other stack apart without a look at its
// entry; 0: it is empty. Three quarters of them are used, where there is memory for more.
struct table {
    uint32_t mask;
    _Atomic uint32_t slot[];
};

enum {
    FIRST_SLOTS = 1024,
    ID_MASK = (1 << RG_STACK_ID_BITS) - 1,
    CHUNK_SHIFT = 12,
    CHUNKS = 1 << (RG_STACK_ID_BITS - CHUNK_SHIFT),
    PIECE_BYTES = 16 << 10,
};

// Ids lead to entries through a table of chunks, so that growing moves nothing.
struct chunk {
    _Atomic(struct entry *) entry[1 << CHUNK_SHIFT];
};

static _Atomic(struct table *) table;
static _Atomic(struct chunk *) chunks[CHUNKS];
static _Atomic uint32_t entry_count;

// The rest of a piece for entries; under the lock.
static struct {
    char *next;
    size_t left;
} piece;

static struct entry *get_entry(uint32_t id) {
    struct chunk *c = atomic_load_explicit(&chunks[id >> CHUNK_SHIFT], memory_order_acquire);
    return atomic_load_explicit(&c->entry[id & ((1 << CHUNK_SHIFT) - 1)], memory_order_acquire);
}

RG_INLINE uint64_t mix(uint64_t h, uint64_t word) {
    h = (h ^ word) * 0x9e3779b97f4a7c15UL;
    return h ^ h >> 29;
}

// In four chains, of which none has to wait for another.
static uint32_t hash_of(const uintptr_t *pcs, size_t count, uint32_t epoch) {
    uint64_t a = count, b = epoch, c = 1, d = 2;
    size_t i = 0;
    for (; i + 4 <= count; i += 4) {
        a = mix(a, pcs[i]);
        b = mix(b, pcs[i + 1]);
        c = mix(c, pcs[i + 2]);
        d = mix(d, pcs[i + 3]);
    }
    for (; i < count; i++) {
        a = mix(a, pcs[i]);
    }
    a = mix(mix(a, b), mix(c, d));
    return (uint32_t)(a ^ a >> 32);
}

static bool is_same(const struct entry *e, uint32_t hash, const uintptr_t *pcs, size_t count,
                    uint32_t epoch) {
    if (e->hash != hash || e->count != count || e->epoch != epoch) {
        return false;
    }
    if (rg_unlikely(!e->is_packed)) {
        return memcmp(e->words, pcs, count * sizeof *pcs) == 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (rg_pc_unpack(e->words[i]) != pcs[i]) {
            return false;
        }
    }
    return true;
}

static uint32_t make_slot(uint32_t hash, uint32_t id) {
    return (hash & ~(uint32_t)ID_MASK) | id;
}

static uint32_t find(uint32_t hash, const uintptr_t *pcs, size_t count, uint32_t epoch) {
    const struct table *t = atomic_load_explicit(&table, memory_order_acquire);
    for (uint32_t at = hash; t; at++) {
        uint32_t slot = atomic_load_explicit(&t->slot[at & t->mask], memory_order_acquire);
        uint32_t id = slot & ID_MASK;
        if (slot == 0 ||
            (slot == make_slot(hash, id) && is_same(get_entry(id), hash, pcs, count, epoch))) {
            return id;
        }
    }
    return 0;
}

static void enter(struct table *t, uint32_t hash, uint32_t id) {
    uint32_t at = hash;
    while (atomic_load_explicit(&t->slot[at & t->mask], memory_order_relaxed)) {
        at++;
    }
    atomic_store_explicit(&t->slot[at & t->mask], make_slot(hash, id), memory_order_release);
}

// A table of twice as many slots takes the old one's place. NULL: no memory.
static struct table *grow(const struct table *old) {
    uint32_t size = old ? (old->mask + 1) * 2 : FIRST_SLOTS;
    struct table *t = rg_arena_alloc(sizeof *t + size * sizeof t->slot[0]);
    if (!t) {
        return NULL;
    }
    t->mask = size - 1;
    uint32_t n = atomic_load_explicit(&entry_count, memory_order_relaxed);
    for (uint32_t id = 1; id <= n; id++) {
        enter(t, get_entry(id)->hash, id);
    }
    atomic_store_explicit(&table, t, memory_order_release);
    return t;
}

// A table with room for one more id; NULL when there is no memory.
static struct table *get_table(uint32_t id) {
    struct table *t = atomic_load_explicit(&table, memory_order_relaxed);
    if (t && id <= t->mask / 4 * 3) {
        return t;
    }
    struct table *larger = grow(t);
    // Without one the old table takes more; a slot stays empty, which ends every search.
    return larger || !t || id >= t->mask ? larger : t;
}

static bool have_chunk(uint32_t id) {
    _Atomic(struct chunk *) *c = &chunks[id >> CHUNK_SHIFT];
    if ((id >> CHUNK_SHIFT) >= CHUNKS) {
        return false;
    }
    if (!atomic_load_explicit(c, memory_order_relaxed)) {
        atomic_store_explicit(c, rg_arena_alloc(sizeof(struct chunk)), memory_order_release);
    }
    return atomic_load_explicit(c, memory_order_relaxed) != NULL;
}

// Room for an entry of so many words, which is taken only once it is known to be used.
static struct entry *find_room(size_t words) {
    size_t bytes = sizeof(struct entry) + words * sizeof(uint32_t);
    if (piece.left < bytes) {
        piece.next = rg_arena_alloc(PIECE_BYTES);
        piece.left = piece.next ? PIECE_BYTES : 0;
    }
    return (struct entry *)piece.next;
}

static struct entry *make_entry(uint32_t hash, const uintptr_t *pcs, size_t count, uint32_t epoch) {
    const size_t wide = sizeof *pcs / sizeof(uint32_t) * count;
    struct entry *e = find_room(wide);
    if (!e) {
        return NULL;
    }
    *e = (struct entry){hash, epoch, (uint16_t)count, rg_pc_pack(pcs, count, e->words)};
    if (!e->is_packed) {
        memcpy(e->words, pcs, count * sizeof *pcs);
    }
    size_t used = sizeof *e + (e->is_packed ? count : wide) * sizeof e->words[0];
    piece.next += used;
    piece.left -= used;
    return e;
}

static uint32_t insert(uint32_t hash, const uintptr_t *pcs, size_t count, uint32_t epoch) {
    uint32_t id = atomic_load_explicit(&entry_count, memory_order_relaxed) + 1;
    struct table *t = get_table(id);
    struct entry *e = t && have_chunk(id) ? make_entry(hash, pcs, count, epoch) : NULL;
    if (!e) {
        return 0;
    }
    atomic_store_explicit(&chunks[id >> CHUNK_SHIFT]->entry[id & ((1 << CHUNK_SHIFT) - 1)], e,
                          memory_order_release);
    atomic_store_explicit(&entry_count, id, memory_order_release);
    enter(t, hash, id);
    return id;
}

static uint32_t put(uint32_t hash, const uintptr_t *pcs, size_t count, uint32_t epoch) {
    uint32_t id = find(hash, pcs, count, epoch);
    if (id || count == 0) {
        return id;
    }
    rg_lock(RG_LOCK_DEPOT);
    id = find(hash, pcs, count, epoch);
    if (!id) {
        id = insert(hash, pcs, count, epoch);
    }
    rg_unlock(RG_LOCK_DEPOT);
    return id;
}

struct rg_stack_id rg_depot_put(const uintptr_t *pcs, size_t count, uint32_t epoch) {
    return (struct rg_stack_id){put(hash_of(pcs, count, epoch), pcs, count, epoch)};
}

struct rg_stack_id rg_depot_put_cached(struct rg_depot_cache *cache, const uintptr_t *pcs,
                                       size_t count, uint32_t epoch) {
    uint32_t hash = hash_of(pcs, count, epoch);
    uint32_t *cached = &cache->id[hash & (RG_DEPOT_CACHE_SIZE - 1)];
    if (!*cached || !is_same(get_entry(*cached), hash, pcs, count, epoch)) {
        *cached = put(hash, pcs, count, epoch);
    }
    return (struct rg_stack_id){*cached};
}

struct rg_stack rg_depot_get(struct rg_stack_id id, uintptr_t *pcs, size_t max) {
    if (id.v == 0) {
        return (struct rg_stack){0};
    }
    const struct entry *e = get_entry(id.v);
    size_t count = e->count < max ? e->count : max;
    if (rg_unlikely(!e->is_packed)) {
        memcpy(pcs, e->words, count * sizeof *pcs);
    }
    for (size_t i = 0; i < count && e->is_packed; i++) {
        pcs[i] = rg_pc_unpack(e->words[i]);
    }
    return (struct rg_stack){pcs, count, e->epoch};
}

size_t rg_depot_count(void) {
    return atomic_load_explicit(&entry_count, memory_order_relaxed);
}
