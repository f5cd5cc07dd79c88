// SPDX-License-Identifier: MIT
// See books.h. State: a bit for each stack, atomic; the modules that are known, in the metadata arena, and which of them each
// pc was found in, under the TRACE lock. To find a pc's module takes a system call or more, and stacks have most of
// their pcs in common.
#include "trace/books.h"

#include "base/arena.h"
#include "base/own_memory.h"
#include "base/vmem.h"
#include "stack/modules.h"
#include "stack/walk.h"
#include "trace/meta.h"

#include <string.h>

struct module {
    struct module *next;
    uintptr_t start, end, bias;
    uint64_t hash;  // of the path and the build-id
    uint32_t index; // in the file; 0: it is not there yet
};

// Holds as long as nothing has been unloaded since.
struct found {
    uintptr_t pc;
    uint32_t epoch, epoch_then;
    const struct module *module; // NULL: none has it
};

enum { FOUND = 1 << 14, STACK_WORDS = (1 << RG_STACK_ID_BITS) / 64 };

// Memory that is dropped as a whole in a forked child, and is there as far as it is used.
struct books {
    _Atomic uint64_t written[STACK_WORDS];
    struct found found[FOUND];
};

static struct books *books;
_Atomic uint64_t *rg_trace_written_stacks;

static struct module *modules;
static uint32_t module_count; // in the file

static size_t books_bytes(void) {
    return rg_align_up(sizeof *books, RG_PAGE_SIZE);
}

static void begin(void) {
    books->written[0] = 1; // id 0: no stack
}

bool rg_trace_books_init(void) {
    books = rg_vmem_map_metadata(books_bytes());
    if (books) {
        rg_own_memory_note(books, books_bytes());
        rg_trace_written_stacks = books->written;
        begin();
    }
    return books != NULL;
}

void rg_trace_books_after_fork(void) {
    rg_vmem_purge((uintptr_t)books, books_bytes());
    begin();
    for (struct module *m = modules; m; m = m->next) {
        m->index = 0;
    }
    module_count = 0;
}

static uint64_t mix(uint64_t hash, const void *data, size_t len) {
    for (size_t i = 0; i < len; i++) {
        hash = (hash ^ ((const unsigned char *)data)[i]) * 0x100000001b3U;
    }
    return hash;
}

static struct module *get_module(const struct rg_module *m) {
    const uint64_t hash =
        mix(mix(0xcbf29ce484222325U, m->path, strlen(m->path)), m->build_id, m->build_id_len);
    for (struct module *known = modules; known; known = known->next) {
        if (known->start == m->start && known->end == m->end && known->bias == m->bias &&
            known->hash == hash) {
            return known;
        }
    }
    struct module *new = rg_arena_alloc(sizeof *new);
    if (new) {
        *new = (struct module){modules, m->start, m->end, m->bias, hash, 0};
        modules = new;
    }
    return new;
}

static bool write_module(struct module *known, const struct rg_module *m,
                         struct rg_trace_trouble *ret) {
    rg_trace_record_begin();
    rg_trace_record_number(module_count + 1);
    rg_trace_record_number(m->start);
    rg_trace_record_number(m->end);
    rg_trace_record_number(m->bias);
    rg_trace_record_bytes(m->build_id, m->build_id_len);
    rg_trace_record_bytes(m->path, strlen(m->path));
    if (!rg_trace_record_write(RG_TRACE_MODULE, ret)) {
        return false;
    }
    known->index = ++module_count;
    return true;
}

static struct found *found_of(uintptr_t pc) {
    return &books->found[pc * 0x9e3779b97f4a7c15UL >> 50 & (FOUND - 1)];
}

// False: its module is new and cannot be written.
static bool find_module(uintptr_t pc, uint32_t epoch, const struct module **ret_module,
                        struct rg_trace_trouble *ret) {
    static struct rg_module m;
    struct found *f = found_of(pc);
    const uint32_t now = rg_modules_epoch();
    if (f->pc != pc || f->epoch != epoch || f->epoch_then != now) {
        struct module *known = rg_module_find(pc, epoch, &m) ? get_module(&m) : NULL;
        if (known && known->index == 0 && !write_module(known, &m, ret)) {
            return false;
        }
        *f = (struct found){pc, epoch, now, known};
    }
    *ret_module = f->module;
    return true;
}

static bool write_frames(uint32_t id, const struct rg_stack *stack, struct rg_trace_trouble *ret) {
    static const struct module *module[RG_STACK_DEPTH_MAX];
    // Their records come first, each by itself.
    for (size_t i = 0; i < stack->count; i++) {
        if (!find_module(rg_pc_lookup(stack->pcs[i]), stack->epoch, &module[i], ret)) {
            return false;
        }
    }
    rg_trace_record_begin();
    rg_trace_record_number(id);
    rg_trace_record_number(stack->count);
    for (size_t i = 0; i < stack->count; i++) {
        rg_trace_record_number(module[i] ? module[i]->index : 0);
        rg_trace_record_number(rg_pc_lookup(stack->pcs[i]) - (module[i] ? module[i]->bias : 0));
    }
    return rg_trace_record_write(RG_TRACE_STACK, ret);
}

bool rg_trace_write_stack(uint32_t id, struct rg_trace_trouble *ret) {
    static uintptr_t pcs[RG_STACK_DEPTH_MAX];
    if (rg_trace_knows_stack(id)) {
        return true;
    }
    const struct rg_stack stack = rg_depot_get((struct rg_stack_id){id}, pcs, RG_STACK_DEPTH_MAX);
    if (!write_frames(id, &stack, ret)) {
        return false;
    }
    // Only now may others name it: whoever finds the bit finds the record.
    atomic_fetch_or_explicit(&rg_trace_written_stacks[id / 64], (uint64_t)1 << (id % 64),
                             memory_order_release);
    return true;
}
