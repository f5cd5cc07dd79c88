// SPDX-License-Identifier: MIT
// See arena.h. A bump pointer through chunks of private memory, under the ARENA lock; inherited by
// fork as it is.
#include "base/arena.h"

#include "base/lock.h"
#include "base/own_memory.h"
#include "base/vmem.h"

#include <stdint.h>

// Small at first: locked memory (mlockall) is all resident.
static const size_t FIRST_CHUNK = (size_t)256 << 10;
static const size_t CHUNK = (size_t)1 << 20;

static uintptr_t next, end;
static size_t used;

static void *map(size_t bytes) {
    void *p = rg_vmem_map_metadata(bytes);
    if (p) {
        rg_own_memory_note(p, bytes);
    }
    return p;
}

static void *take(size_t bytes, size_t align) {
    uintptr_t at = rg_align_up(next, align);
    if (at + bytes > end) {
        // Under a narrow limit there may be room for what is needed now, at least.
        size_t size = used < CHUNK ? FIRST_CHUNK : CHUNK;
        void *chunk = map(size);
        if (!chunk) {
            size = rg_align_up(bytes, RG_PAGE_SIZE);
            chunk = map(size);
        }
        if (!chunk) {
            return NULL;
        }
        next = at = (uintptr_t)chunk;
        end = next + size;
    }
    next = at + bytes;
    return (void *)at;
}

void *rg_arena_alloc(size_t bytes) {
    size_t align = bytes >= 64 ? 64 : 16;
    rg_lock(RG_LOCK_ARENA);
    void *p = bytes > FIRST_CHUNK / 4 ? map(rg_align_up(bytes, RG_PAGE_SIZE)) : take(bytes, align);
    used += p ? bytes : 0;
    rg_unlock(RG_LOCK_ARENA);
    return p;
}

size_t rg_arena_used(void) {
    rg_lock(RG_LOCK_ARENA);
    size_t n = used;
    rg_unlock(RG_LOCK_ARENA);
    return n;
}
