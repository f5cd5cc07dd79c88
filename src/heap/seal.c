// SPDX-License-Identifier: MIT
// See seal.h. State: the back end, chosen once; counters, atomic; the count of split mappings, under
// the SEAL lock only where mprotect is used. Inherited by fork as it is.
#include "heap/seal.h"

#include "base/die.h"
#include "base/lock.h"
#include "base/sys.h"

#include <errno.h>
#include <stdatomic.h>

enum back_end { UNDECIDED, GUARD, MPROTECT };

static _Atomic int back_end;
static _Atomic size_t sealed_count, lapsed_count, first_lapse_at;
static _Atomic size_t refused_markers; // where mprotect then did it

// Mappings that seals may add. A quarter of the limit is left to the program and to the views.
static size_t splits, splits_max;

static bool guard_works(void) {
    bool works = false;
    uintptr_t at = rg_vmem_reserve(RG_VMEM_OTHER, 2 * RG_GRANULE_SIZE, RG_GRANULE_SIZE);
    uintptr_t root = rg_vmem_take_root(RG_PAGE_SIZE);
    if (at && root && rg_vmem_commit(at, RG_PAGE_SIZE) &&
        rg_vmem_alias(root, RG_PAGE_SIZE, at + RG_GRANULE_SIZE)) {
        works = rg_vmem_install_guard(at, RG_PAGE_SIZE) == 0 &&
                rg_vmem_install_guard(at + RG_GRANULE_SIZE, RG_PAGE_SIZE) == 0 &&
                !rg_is_readable((void *)at, 1) &&
                !rg_is_readable((void *)(at + RG_GRANULE_SIZE), 1);
    }
    if (at) {
        rg_vmem_retire(at, 2 * RG_GRANULE_SIZE);
    }
    return works;
}

static size_t read_map_limit(void) {
    char text[32];
    size_t limit = 0;
    if (rg_read_file("/proc/sys/vm/max_map_count", text, sizeof text) > 0) {
        for (const char *c = text; *c >= '0' && *c <= '9'; c++) {
            limit = limit * 10 + (size_t)(*c - '0');
        }
    }
    return limit ? limit : 65530;
}

bool rg_seal_init(enum rg_seal_choice choice) {
    bool guard = choice != RG_SEAL_BY_MPROTECT && guard_works();
    if (!guard) {
        splits_max = read_map_limit() / 4 * 3;
    }
    atomic_store(&back_end, guard ? GUARD : MPROTECT);
    return guard || choice != RG_SEAL_BY_GUARD;
}

static enum back_end decide(void) {
    rg_lock(RG_LOCK_SEAL);
    if (atomic_load(&back_end) == UNDECIDED) {
        rg_seal_init(RG_SEAL_BY_TRYING);
    }
    rg_unlock(RG_LOCK_SEAL);
    return (enum back_end)atomic_load(&back_end);
}

static enum back_end get_back_end(void) {
    int b = atomic_load_explicit(&back_end, memory_order_relaxed);
    return rg_likely(b != UNDECIDED) ? (enum back_end)b : decide();
}

const char *rg_seal_name(void) {
    return get_back_end() == GUARD ? "guard" : "mprotect";
}

static bool is_stale(const struct rg_view *v, size_t unit) {
    return unit < v->unit_count && rg_state_is_stale(rg_head_state(atomic_load_explicit(
                                       &rg_view_record_of(v, unit)->head, memory_order_relaxed)));
}

// How many mappings sealing this unit adds: one at each side where it now differs from its neighbour,
// one fewer where it no longer does. Over a wholly sealed view the sum is nothing.
static int splits_by(const struct rg_view *v, size_t unit) {
    int by = 0;
    if (unit > 0) {
        by += is_stale(v, unit - 1) ? -1 : 1;
    }
    if (unit + 1 < v->unit_count) {
        by += is_stale(v, unit + 1) ? -1 : 1;
    }
    return by;
}

static void add_splits(long by) {
    splits = by < 0 && splits < (size_t)-by ? 0 : splits + (size_t)by;
}

static bool has_room_for(size_t more) {
    if (splits_max == 0) {
        splits_max = read_map_limit() / 4 * 3;
    }
    return splits + more <= splits_max;
}

bool rg_seal_count_mappings(int by) {
    if (get_back_end() == GUARD) {
        return true;
    }
    rg_lock(RG_LOCK_SEAL);
    bool done = by < 0 || has_room_for((size_t)by);
    if (done) {
        add_splits(by);
    }
    rg_unlock(RG_LOCK_SEAL);
    return done;
}

void rg_seal_forget(const struct rg_view *v) {
    if (get_back_end() == GUARD && atomic_load(&refused_markers) == 0) {
        return;
    }
    long borders = 0;
    for (size_t unit = 0; unit + 1 < v->unit_count; unit++) {
        borders += is_stale(v, unit) != is_stale(v, unit + 1);
    }
    rg_lock(RG_LOCK_SEAL);
    add_splits(-borders);
    rg_unlock(RG_LOCK_SEAL);
}

static bool protect(struct rg_view *v, uintptr_t at) {
    // Shared memory keeps its contents under PROT_NONE; private memory is replaced, which frees it.
    if (v->kind == RG_VIEW_SMALL) {
        return rg_vmem_protect_none(at, v->unit_bytes) == 0;
    }
    return rg_vmem_retire(at, v->unit_bytes);
}

static bool seal_by_mprotect(struct rg_view *v, size_t unit, uintptr_t at) {
    rg_lock(RG_LOCK_SEAL);
    bool done = has_room_for(2) && protect(v, at);
    if (done) {
        add_splits(splits_by(v, unit));
    }
    rg_unlock(RG_LOCK_SEAL);
    return done;
}

static bool seal_range(struct rg_view *v, size_t unit, uintptr_t at) {
    if (v->kind == RG_VIEW_LARGE) {
        return rg_vmem_retire(at, v->reserved);
    }
    if (get_back_end() == GUARD) {
        int ret = rg_vmem_install_guard(at, v->unit_bytes);
        if (ret == 0) {
            return true;
        }
        // Locked memory takes no markers (EINVAL), and a seccomp filter may refuse them; the other back end
        // serves there.
        bool sealed = seal_by_mprotect(v, unit, at);
        atomic_fetch_add_explicit(&refused_markers, sealed, memory_order_relaxed);
        return sealed;
    }
    return seal_by_mprotect(v, unit, at);
}

bool rg_seal_unit(struct rg_view *v, size_t unit) {
    if (rg_unlikely(!atomic_load_explicit(&v->has_stale, memory_order_relaxed))) {
        atomic_store_explicit(&v->has_stale, true, memory_order_relaxed);
    }
    if (rg_likely(seal_range(v, unit, v->base + unit * v->unit_bytes))) {
        atomic_fetch_add_explicit(&sealed_count, 1, memory_order_relaxed);
        return true;
    }
    if (atomic_fetch_add_explicit(&lapsed_count, 1, memory_order_relaxed) == 0) {
        atomic_store(&first_lapse_at, atomic_load(&sealed_count));
    }
    return false;
}

void rg_seal_page(uintptr_t page_address) {
    if (get_back_end() != GUARD || rg_vmem_install_guard(page_address, RG_PAGE_SIZE) != 0) {
        rg_vmem_protect_none(page_address, RG_PAGE_SIZE);
    }
}

static void seal_run(const struct rg_view *v, uintptr_t at, uintptr_t end) {
    if (at == end || (get_back_end() == GUARD && rg_vmem_install_guard(at, end - at) == 0)) {
        return;
    }
    if (rg_vmem_protect_none(at, end - at) != 0) {
        size_t units = (end - at + v->unit_bytes - 1) / v->unit_bytes;
        atomic_fetch_add_explicit(&lapsed_count, units, memory_order_relaxed);
    }
}

void rg_seal_again(struct rg_view *v, bool (*skip)(uintptr_t page_address)) {
    uintptr_t run = v->base, end = v->base + v->unit_count * v->unit_bytes;
    for (uintptr_t page = run; page < end; page += RG_PAGE_SIZE) {
        if (!is_stale(v, rg_view_unit(v, page)) || skip(page)) {
            seal_run(v, run, page);
            run = page + RG_PAGE_SIZE;
        }
    }
    seal_run(v, run, end);
}

struct rg_seal_stats rg_seal_stats(void) {
    return (struct rg_seal_stats){
        .sealed = atomic_load(&sealed_count),
        .by_mprotect = atomic_load(&refused_markers),
        .lapsed = atomic_load(&lapsed_count),
        .first_lapse_at = atomic_load(&first_lapse_at),
        .splits = splits,
        .splits_max = splits_max,
    };
}
