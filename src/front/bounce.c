// SPDX-License-Identifier: MIT
// See bounce.h. No state.
#include "front/bounce.h"

#include "base/vmem.h"
#include "front/fault.h"
#include "front/thread.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

static void report(const struct rg_call *call, const void *p, size_t n) {
    struct rg_finding f = {.operation = call->kernel_writes ? RG_OP_WRITE : RG_OP_READ,
                           .trouble = RG_TROUBLE_STALE,
                           .address = (uintptr_t)p,
                           .access_bytes = n,
                           .call = call->name,
                           .argument = call->argument};
    struct rg_stay stay = rg_thread_enter();
    if (stay.data) {
        f.pc_count = rg_walk(&stay.data->capture.walker, &call->caller, f.pcs, RG_STACK_DEPTH_MAX);
    } else {
        f.pcs[f.pc_count++] = call->caller.pc;
    }
    rg_thread_leave(stay);
    rg_fault_report(&f);
}

// Bytes from p on that belong to the stale block's pages: what follows them is somebody else's.
static size_t owned(uintptr_t p, size_t n) {
    struct rg_block_facts facts;
    if (!rg_heap_describe(p, &facts)) {
        return 0;
    }
    size_t left = facts.unit + facts.unit_bytes - p;
    return n < left ? n : left;
}

struct rg_bounce rg_bounce_begin(const struct rg_call *call, const void *p, size_t n) {
    int saved_errno = errno;
    struct rg_bounce b = {.buffer = (void *)(uintptr_t)p, .user = (uintptr_t)p, .bytes = n};
    report(call, p, n);
    size_t mapped = rg_align_up(n, RG_PAGE_SIZE);
    void *buffer = mapped >= n ? rg_vmem_map_metadata(mapped) : NULL;
    if (buffer) {
        b.buffer = buffer;
        b.mapped = mapped;
        rg_scratch_read(b.user, buffer, owned(b.user, n));
    }
    errno = saved_errno;
    return b;
}

void rg_bounce_end(struct rg_bounce *b, size_t written) {
    if (b->mapped == 0) {
        return;
    }
    written = written < b->bytes ? written : b->bytes;
    rg_scratch_write(b->user, b->buffer, owned(b->user, written));
    rg_vmem_unmap(b->buffer, b->mapped);
    b->mapped = 0;
}

void rg_find_next(const char *name, void *next) {
    void *symbol = dlsym(RTLD_NEXT, name);
    memcpy(next, &symbol, sizeof symbol);
}
