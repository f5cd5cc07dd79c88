// SPDX-License-Identifier: MIT
// See aside.h. State: which function is another's, set in the constructor.
#include "front/aside.h"

#include "base/compiler.h"
#include "front/thread.h"
#include "heap/heap.h"
#include "report/report.h"
#include "stack/modules.h"

#include <dlfcn.h>
#include <link.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static struct {
    const char *name;
    void *symbol;
} others; // the function that does not end in the guard's; NULL: all do

bool rg_aside_is_on_valgrind(void) {
    // A request to Valgrind: this sequence, which does nothing on a processor, with the number of the
    // request (0x1001, "are you there") first in the block that rax points to.
    volatile uintptr_t request[6] = {0x1001};
    uintptr_t answer = 0;
    __asm__ volatile("rolq $3, %%rdi\n\t"
                     "rolq $13, %%rdi\n\t"
                     "rolq $61, %%rdi\n\t"
                     "rolq $51, %%rdi\n\t"
                     "xchgq %%rbx, %%rbx"
                     : "+d"(answer)
                     : "a"(request)
                     : "cc", "memory");
    return answer != 0;
}

static void *find(const char *name, void *ret_function) {
    void *symbol = dlsym(RTLD_DEFAULT, name);
    memcpy(ret_function, &symbol, sizeof symbol);
    return symbol;
}

// Whether a block that malloc returned is ours, and realloc then moves it.
static void try_calls(void *malloc_symbol, void *realloc_symbol) {
    void *(*allocate)(size_t);
    void *(*resize)(void *, size_t);
    void (*release)(void *);
    memcpy(&allocate, &malloc_symbol, sizeof allocate);
    memcpy(&resize, &realloc_symbol, sizeof resize);
    find("free", &release);
    char *block = allocate(1);
    if (!rg_view_find((uintptr_t)block)) {
        others.name = "malloc";
        others.symbol = malloc_symbol;
        release(block);
        return;
    }
    // So much larger that it moves under move=natural, too.
    char *moved = resize(block, 10000);
    if (!rg_heap_is_stale((uintptr_t)block)) {
        others.name = "realloc";
        others.symbol = realloc_symbol;
    }
    release(moved);
}

bool rg_aside_is_reached(void) {
    void *function;
    void *malloc_symbol = find("malloc", &function), *realloc_symbol = find("realloc", &function);
    if (!rg_module_is_guard((uintptr_t)malloc_symbol) ||
        !rg_module_is_guard((uintptr_t)realloc_symbol)) {
        rg_thread_self.trying = true;
        try_calls(malloc_symbol, realloc_symbol);
        rg_thread_self.trying = false;
    }
    return !others.name;
}

void rg_aside_say(void) {
    static struct rg_module m;
    struct dl_find_object object;
    if (!others.name) {
        rg_report_say(
            "this program runs under Valgrind: nothing is checked; remedy: run it without "
            "Valgrind");
        return;
    }
    bool is_program =
        _dl_find_object(others.symbol, &object) == 0 && !object.dlfo_link_map->l_name[0];
    rg_module_find((uintptr_t)others.symbol, rg_modules_epoch(), &m);
    rg_report_say(
        "%s of this program is that of %s, not the guard's: nothing is checked; remedy: %s",
        others.name, m.path,
        is_program ? "build the program without it" : "name the guard first in LD_PRELOAD");
}
