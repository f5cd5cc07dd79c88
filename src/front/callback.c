// SPDX-License-Identifier: MIT
// See callback.h. At an access this runs in the handler of its fault. What the function does is the program's code, so a fault of
// its own is to be dealt with as any other: for as long as it runs, the thread counts as outside of the handler.
#include "front/callback.h"

#include "base/vmem.h"
#include "front/fault.h"
#include "front/init.h"
#include "front/thread.h"
#include "realloc_guard.h"

#include <stdatomic.h>

// The text first, then the stack.
enum { STACK = 64 * 1024, ROOM = RG_TOLD_MOST + STACK };

static _Atomic(realloc_guard_callback) function;
static void *_Atomic argument;

static _Thread_local bool is_inside RG_TLS_INITIAL_EXEC; // this thread is in the function

char *rg_callback_get_room(void) {
    return atomic_load(&function) && !is_inside ? rg_vmem_map_metadata(ROOM) : NULL;
}

struct call {
    realloc_guard_callback fn;
    struct realloc_guard_finding finding;
};

static void call_function(void *arg) {
    const struct call *c = arg;
    c->fn(&c->finding, atomic_load(&argument));
}

static const void *as_pointer(uintptr_t address) {
    return (const void *)address;
}

static struct realloc_guard_finding describe(const struct rg_finding *f) {
    struct realloc_guard_finding told = {.size = sizeof told,
                                         .number = f->number,
                                         .kind = rg_finding_kind_id(f),
                                         .text = f->told,
                                         .text_length = f->told_len,
                                         .address = as_pointer(f->address),
                                         .tid = f->tid};
    if (f->has_block) {
        bool has_moved = f->block.state == RG_BLOCK_MOVED;
        told.block = as_pointer(f->block.address);
        told.block_size = f->block.size;
        told.live_block = !rg_finding_has_end(f)                   ? told.block
                          : has_moved && f->today == RG_TODAY_LIVE ? as_pointer(f->today_address)
                                                                   : NULL;
    }
    return told;
}

static void call(realloc_guard_callback fn, const struct rg_finding *f) {
    struct rg_thread *self = &rg_thread_self;
    struct call c = {fn, describe(f)};
    struct rg_step step = self->step;
    bool in_fault = self->in_fault;
    self->step = (struct rg_step){0};
    self->in_fault = false;
    is_inside = true;
    rg_call_on_stack(call_function, &c, f->told + ROOM);
    is_inside = false;
    self->in_fault = in_fault;
    self->step = step;
}

void rg_callback_call(struct rg_finding *f) {
    if (!f->told) {
        return;
    }
    realloc_guard_callback fn = atomic_load(&function);
    if (f->number > 0 && fn) {
        call(fn, f);
    }
    rg_vmem_unmap(f->told, ROOM);
    f->told = NULL;
}

RG_EXPORT int realloc_guard_weak_set_callback(realloc_guard_callback fn, void *arg) {
    if (!rg_init_is_active()) {
        return -1;
    }
    atomic_store(&function, NULL);
    atomic_store(&argument, arg);
    atomic_store(&function, fn);
    return 0;
}
