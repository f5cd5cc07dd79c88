// SPDX-License-Identifier: MIT
// See depot.h. A hash table of ids with linear probing. A stack gets memory, an id and a slot by one atomic step
// each: a lock would take longer than all the rest, since it keeps signals out. Whoever is interrupted between two
// steps, or forked, leaves some memory or an id unused, and nothing else. The lock is for more memory: of a larger
// table, which takes over what is in the old one. Each slot of that is then used or closed for ever, so that whatever
// is to be entered later goes into the new one; the old one stays readable. Deep stacks are many where there are
// any, so an entry takes four bytes a frame wherever it can, and entries follow each other without gaps. Fork: the
// lock is taken by the front; the data is inherited.
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
// entry; 0: it is empty. It changes once. Three quarters of them are used, where there is memory for more.
struct table {
    uint32_t mask;
    _Atomic uint32_t slot[];
};

enum {
    FIRST_SLOTS = 1024,
    ID_MASK = (1 << RG_STACK_ID_BITS) - 1,
    ID_MAX = ID_MASK - 1,
    CHUNK_SHIFT = 12,
    CHUNKS = 1 << (RG_STACK_ID_BITS - CHUNK_SHIFT),
    PIECE_BYTES = 16 << 10,
};
#define CLOSED UINT32_MAX

// Ids lead to entries through a table of chunks, so that growing moves nothing.
struct chunk {
    _Atomic(struct entry *) entry[1 << CHUNK_SHIFT];
};

static _Atomic(struct table *) table;
static _Atomic(struct chunk *) chunks[CHUNKS];
static _Atomic uint32_t id_count, unused_ids;

// Entries are put into pieces.
struct piece {
    _Atomic size_t used;
    char room[PIECE_BYTES - sizeof(size_t)];
};
static _Atomic(struct piece *) piece;

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
        if (slot == 0 || slot == CLOSED) {
            return 0;
        }
        if (slot == make_slot(hash, id) && is_same(get_entry(id), hash, pcs, count, epoch)) {
            return id;
        }
    }
    return 0;
}

// What the old table holds goes into the new one, which nobody else knows yet.
static void take_over(struct table *t, struct table *old) {
    for (uint32_t i = 0; i <= old->mask; i++) {
        uint32_t slot = 0;
        if (atomic_compare_exchange_strong(&old->slot[i], &slot, CLOSED)) {
            continue;
        }
        uint32_t at = get_entry(slot & ID_MASK)->hash;
        while (atomic_load_explicit(&t->slot[at & t->mask], memory_order_relaxed)) {
            at++;
        }
        atomic_store_explicit(&t->slot[at & t->mask], slot, memory_order_relaxed);
    }
}

// How many entries there are, and are being made: never too few.
static uint32_t count_entries(void) {
    uint32_t unused = atomic_load(&unused_ids);
    return atomic_load(&id_count) - unused;
}

static bool has_room(const struct table *t, uint32_t entries) {
    return t && entries <= t->mask / 4 * 3;
}

static RG_COLD void grow(uint32_t entries) {
    rg_lock(RG_LOCK_DEPOT);
    struct table *old = atomic_load_explicit(&table, memory_order_relaxed);
    uint32_t size = old ? (old->mask + 1) * 2 : FIRST_SLOTS;
    struct table *t =
        has_room(old, entries) ? NULL : rg_arena_alloc(sizeof *t + size * sizeof t->slot[0]);
    if (t) {
        t->mask = size - 1;
        if (old) {
            take_over(t, old);
        }
        atomic_store_explicit(&table, t, memory_order_release);
    }
    rg_unlock(RG_LOCK_DEPOT);
}

// The table with room for so many entries; NULL when there is no memory.
static struct table *get_table(uint32_t entries) {
    struct table *t = atomic_load_explicit(&table, memory_order_acquire);
    if (rg_likely(has_room(t, entries))) {
        return t;
    }
    grow(entries);
    // Without a larger one the old table takes more; a slot stays empty, which ends every search.
    t = atomic_load_explicit(&table, memory_order_acquire);
    return t && entries <= t->mask ? t : NULL;
}

// Enters an id, or answers the one that the stack has got meanwhile. 0: the table is being replaced.
static uint32_t try_enter(struct table *t, uint32_t id, uint32_t hash, const uintptr_t *pcs,
                          size_t count, uint32_t epoch) {
    for (uint32_t at = hash;; at++) {
        _Atomic uint32_t *place = &t->slot[at & t->mask];
        uint32_t slot = atomic_load_explicit(place, memory_order_acquire);
        if (slot == 0 && atomic_compare_exchange_strong(place, &slot, make_slot(hash, id))) {
            return id;
        }
        uint32_t other = slot & ID_MASK;
        if (slot == CLOSED) {
            return 0;
        }
        if (slot == make_slot(hash, other) && is_same(get_entry(other), hash, pcs, count, epoch)) {
            return other;
        }
    }
}

static RG_COLD struct chunk *add_chunk(_Atomic(struct chunk *) *c) {
    rg_lock(RG_LOCK_DEPOT);
    if (!atomic_load_explicit(c, memory_order_relaxed)) {
        atomic_store_explicit(c, rg_arena_alloc(sizeof(struct chunk)), memory_order_release);
    }
    struct chunk *chunk = atomic_load_explicit(c, memory_order_relaxed);
    rg_unlock(RG_LOCK_DEPOT);
    return chunk;
}

// The chunk of an id; NULL when there is no memory.
static struct chunk *get_chunk(uint32_t id) {
    _Atomic(struct chunk *) *c = &chunks[id >> CHUNK_SHIFT];
    struct chunk *chunk = atomic_load_explicit(c, memory_order_acquire);
    return rg_likely(chunk) ? chunk : add_chunk(c);
}

// The id of an entry; 0: there is none left, or no memory.
static uint32_t give_id(struct entry *e) {
    uint32_t id = atomic_load_explicit(&id_count, memory_order_relaxed);
    do {
        if (id == ID_MAX) {
            return 0;
        }
    } while (!atomic_compare_exchange_weak(&id_count, &id, id + 1));
    id++;
    struct chunk *chunk = get_chunk(id);
    if (!chunk) {
        atomic_fetch_add(&unused_ids, 1);
        return 0;
    }
    atomic_store_explicit(&chunk->entry[id & ((1 << CHUNK_SHIFT) - 1)], e, memory_order_release);
    return id;
}

static RG_COLD bool add_piece(struct piece *full) {
    rg_lock(RG_LOCK_DEPOT);
    if (atomic_load_explicit(&piece, memory_order_relaxed) == full) {
        struct piece *p = rg_arena_alloc(sizeof *p);
        if (p) {
            atomic_store_explicit(&piece, p, memory_order_release);
        }
    }
    bool is_there = atomic_load_explicit(&piece, memory_order_relaxed) != full;
    rg_unlock(RG_LOCK_DEPOT);
    return is_there;
}

// Memory for an entry of so many words; NULL: there is none.
static struct entry *take_room(size_t words) {
    const size_t bytes = sizeof(struct entry) + words * sizeof(uint32_t);
    struct piece *p = atomic_load_explicit(&piece, memory_order_acquire);
    for (;;) {
        size_t used = p ? atomic_load_explicit(&p->used, memory_order_relaxed) : 0;
        if (p && used + bytes <= sizeof p->room) {
            if (atomic_compare_exchange_weak(&p->used, &used, used + bytes)) {
                return (struct entry *)&p->room[used];
            }
        } else if (bytes > sizeof p->room || !add_piece(p)) {
            return NULL;
        }
        p = atomic_load_explicit(&piece, memory_order_acquire);
    }
}

static struct entry *make_entry(uint32_t hash, const uintptr_t *pcs, size_t count, uint32_t epoch) {
    struct entry *e = take_room(count);
    bool is_packed = e && rg_pc_pack(pcs, count, e->words);
    if (rg_unlikely(e && !is_packed)) {
        e = take_room(sizeof *pcs / sizeof(uint32_t) * count);
    }
    if (!e) {
        return NULL;
    }
    e->hash = hash;
    e->epoch = epoch;
    e->count = (uint16_t)count;
    e->is_packed = is_packed;
    if (!is_packed) {
        memcpy(e->words, pcs, count * sizeof *pcs);
    }
    return e;
}

// Whether one more can be entered. An entry and an id that were made in vain are lost, and with nothing left there may
// be very many new stacks: so none is made, unless another thread takes the last place meanwhile.
static bool can_insert(void) {
    uint32_t last = atomic_load_explicit(&id_count, memory_order_relaxed);
    return last < ID_MAX && get_chunk(last + 1) && get_table(count_entries() + 1);
}

static RG_NOINLINE uint32_t insert(uint32_t hash, const uintptr_t *pcs, size_t count,
                                   uint32_t epoch) {
    struct entry *e = can_insert() ? make_entry(hash, pcs, count, epoch) : NULL;
    const uint32_t id = e ? give_id(e) : 0;
    if (id == 0) {
        return 0;
    }
    uint32_t entered = 0;
    struct table *t;
    while (!entered && (t = get_table(count_entries()))) {
        entered = try_enter(t, id, hash, pcs, count, epoch);
        if (!entered) {
            // Whoever replaces the table has the lock.
            rg_lock(RG_LOCK_DEPOT);
            rg_unlock(RG_LOCK_DEPOT);
        }
    }
    if (entered != id) {
        atomic_fetch_add(&unused_ids, 1);
    }
    return entered;
}

static uint32_t put(uint32_t hash, const uintptr_t *pcs, size_t count, uint32_t epoch) {
    uint32_t id = find(hash, pcs, count, epoch);
    return id || count == 0 ? id : insert(hash, pcs, count, epoch);
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
    return count_entries();
}

uint32_t rg_depot_last_id(void) {
    return atomic_load_explicit(&id_count, memory_order_relaxed);
}
