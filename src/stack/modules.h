// SPDX-License-Identifier: MIT
// Which loaded object a pc belongs to, also for objects that have been unloaded since. The first unload of
// an object from a place ends an epoch, and a stack is kept with an epoch; that decides between objects
// that were loaded at the same place one after another.
#ifndef RG_STACK_MODULES_H
#define RG_STACK_MODULES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rg_module {
    char path[512];
    uintptr_t start, end; // where it was mapped
    uintptr_t bias;       // address in memory minus address in the file
    uint8_t build_id[32];
    unsigned build_id_len;
};

// Fills in the object that held pc at the epoch. False: none known. Async-signal-safe, no lock of the
// loader's (it reads with _dl_find_object) nor of ours.
bool rg_module_find(uintptr_t pc, uint32_t epoch, struct rg_module *ret);

// The same for what is loaded now, without any lock.
bool rg_module_find_loaded(uintptr_t pc, struct rg_module *ret);
// Whether pc is in the object that holds this code: the guard. No lock.
bool rg_module_is_guard(uintptr_t pc);

extern _Atomic uint32_t rg_modules_current_epoch;
static inline uint32_t rg_modules_epoch(void) {
    return atomic_load_explicit(&rg_modules_current_epoch, memory_order_relaxed);
}

// The epoch to keep a stack with that has just been captured: one that leads rg_module_find to the objects
// that hold its pcs (as in walk.h) now, and as early as can be, so that the same stack in the same objects has the same
// epoch however many unloads there have been. No lock, async-signal-safe.
uint32_t rg_modules_epoch_of(const uintptr_t *pcs, size_t count);

// Around dlclose: what is loaded before, and afterwards what has gone. Not async-signal-safe; takes the
// loader's lock for a moment, as dlclose does, and then the MODULES lock.
struct rg_module_list;
// NULL when there is no memory.
struct rg_module_list *rg_modules_list(void);
// Notes what is no longer loaded of the list, and frees it. Whether anything is; true as well where that is not known,
// for want of memory or since there are too many objects.
bool rg_modules_unloaded(struct rg_module_list *before);

// Name and offset of the exported symbol that holds pc, for when there is no symbolizer; only for objects
// that are loaded now. False: none. Async-signal-safe.
bool rg_module_symbol(uintptr_t pc, char *ret_name, size_t cap, size_t *ret_offset);

#endif
