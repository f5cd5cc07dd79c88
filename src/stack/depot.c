// SPDX-License-Identifier: MIT
// See depot.h. A chained hash table. Entries are immutable once their id is published with release
// order, so readers need no lock; the table of buckets is replaced by a larger one under the lock, and
// the old one stays readable (a reader that still uses it misses at worst the newest entries, and then
// looks again under the lock). Fork: the lock is taken by the front; the data is inherited.
#include "stack/depot.h"

#include "base/arena.h"
#include "base/lock.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

struct entry {
    uint32_t next; // in the chain of the table it was entered in; 0 ends it
    uint32_t hash;
    uint32_t epoch;
    uint32_t count;
    uintptr_t pcs[];
};

struct table {
    uint32_t mask;
    _Atomic uint32_t bucket[];
};

enum { FIRST_BUCKETS = 1024, CHUNK_SHIFT = 12, CHUNKS = 1 << (RG_STACK_ID_BITS - CHUNK_SHIFT) };

// Ids lead to entries through a table of chunks, so that growing moves nothing.
struct chunk {
    _Atomic(struct entry *) entry[1 << CHUNK_SHIFT];
};

static _Atomic(struct table *) buckets;
static _Atomic(struct chunk *) chunks[CHUNKS];
static _Atomic uint32_t entry_count;

static struct entry *get_entry(uint32_t id) {
    struct chunk *c = atomic_load_explicit(&chunks[id >> CHUNK_SHIFT], memory_order_acquire);
    return atomic_load_explicit(&c->entry[id & ((1 << CHUNK_SHIFT) - 1)], memory_order_acquire);
}

static uint32_t hash_of(const uintptr_t *pcs, size_t count, uint32_t epoch) {
    uint64_t h = count + ((uint64_t)epoch << 32);
    for (size_t i = 0; i < count; i++) {
        h = (h ^ pcs[i]) * 0x9e3779b97f4a7c15UL;
        h ^= h >> 29;
    }
    return (uint32_t)(h ^ h >> 32);
}

static bool is_same(const struct entry *e, uint32_t hash, const uintptr_t *pcs, size_t count,
                    uint32_t epoch) {
    return e->hash == hash && e->count == count && e->epoch == epoch &&
           memcmp(e->pcs, pcs, count * sizeof *pcs) == 0;
}

static uint32_t find(uint32_t hash, const uintptr_t *pcs, size_t count, uint32_t epoch) {
    struct table *t = atomic_load_explicit(&buckets, memory_order_acquire);
    uint32_t id = t ? atomic_load_explicit(&t->bucket[hash & t->mask], memory_order_acquire) : 0;
    while (id) {
        const struct entry *e = get_entry(id);
        if (is_same(e, hash, pcs, count, epoch)) {
            return id;
        }
        id = e->next;
    }
    return 0;
}

static struct table *make_table(uint32_t size) {
    struct table *t = rg_arena_alloc(sizeof *t + size * sizeof t->bucket[0]);
    if (t) {
        t->mask = size - 1;
    }
    return t;
}

// Links a copy of every entry's chain into a larger table. The entries' `next` fields belong to the old
// table, which may still be read, so the new chains need entries of their own.
static bool grow(const struct table *old) {
    struct table *t = make_table(old ? (old->mask + 1) * 4 : FIRST_BUCKETS);
    if (!t) {
        return false;
    }
    uint32_t n = atomic_load_explicit(&entry_count, memory_order_relaxed);
    for (uint32_t id = 1; id <= n; id++) {
        struct entry *e = get_entry(id);
        size_t bytes = sizeof *e + e->count * sizeof e->pcs[0];
        struct entry *copy = rg_arena_alloc(bytes);
        if (!copy) {
            return false;
        }
        memcpy(copy, e, bytes);
        _Atomic uint32_t *bucket = &t->bucket[e->hash & t->mask];
        copy->next = atomic_load_explicit(bucket, memory_order_relaxed);
        atomic_store_explicit(bucket, id, memory_order_relaxed);
        atomic_store_explicit(&chunks[id >> CHUNK_SHIFT]->entry[id & ((1 << CHUNK_SHIFT) - 1)],
                              copy, memory_order_release);
    }
    atomic_store_explicit(&buckets, t, memory_order_release);
    return true;
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

static uint32_t insert(uint32_t hash, const uintptr_t *pcs, size_t count, uint32_t epoch) {
    struct table *t = atomic_load_explicit(&buckets, memory_order_relaxed);
    uint32_t id = atomic_load_explicit(&entry_count, memory_order_relaxed) + 1;
    if ((!t || id > t->mask * 2) && !grow(t) && !t) {
        return 0;
    }
    t = atomic_load_explicit(&buckets, memory_order_relaxed);
    struct entry *e = have_chunk(id) ? rg_arena_alloc(sizeof *e + count * sizeof e->pcs[0]) : NULL;
    if (!e) {
        return 0;
    }
    _Atomic uint32_t *bucket = &t->bucket[hash & t->mask];
    *e = (struct entry){atomic_load_explicit(bucket, memory_order_relaxed), hash, epoch,
                        (uint32_t)count};
    memcpy(e->pcs, pcs, count * sizeof *pcs);
    atomic_store_explicit(&chunks[id >> CHUNK_SHIFT]->entry[id & ((1 << CHUNK_SHIFT) - 1)], e,
                          memory_order_release);
    atomic_store_explicit(&entry_count, id, memory_order_release);
    atomic_store_explicit(bucket, id, memory_order_release);
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

struct rg_stack rg_depot_get(struct rg_stack_id id) {
    if (id.v == 0) {
        return (struct rg_stack){0};
    }
    const struct entry *e = get_entry(id.v);
    return (struct rg_stack){e->pcs, e->count, e->epoch};
}

size_t rg_depot_count(void) {
    return atomic_load(&entry_count);
}
