// SPDX-License-Identifier: MIT
// See libunwind.h. State: three function pointers, set once while there is one thread.
#include "stack/libunwind.h"

#include "stack/walk.h"

#define UNW_LOCAL_ONLY
#include <dlfcn.h>
#include <libunwind.h>
#include <stdatomic.h>
#include <string.h>

static struct {
    int (*init_local2)(unw_cursor_t *, unw_context_t *, int);
    int (*step)(unw_cursor_t *);
    int (*get_reg)(unw_cursor_t *, int, unw_word_t *);
} unw;

static _Atomic bool tried;

// Where the C library (from 2.34 on) keeps what dlerror will say to the first thread, which is the one that
// opens. NULL: not known, and a message that the program has not asked for yet may be lost.
static void **error_slot;

// dlsym gives an object pointer; POSIX says that it may be read as a function pointer.
static void find(void *library, const char *name, void *ret_function) {
    void *symbol = dlsym(library, name);
    memcpy(ret_function, &symbol, sizeof symbol);
}

void rg_libunwind_init(void) {
    error_slot = dlsym(RTLD_DEFAULT, "__libc_dlerror_result");
}

bool rg_libunwind_was_tried(void) {
    return atomic_load(&tried);
}

static void open_and_find(void) {
    void *library = dlopen("libunwind.so.8", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        return;
    }
    find(library, "_ULx86_64_init_local2", &unw.init_local2);
    find(library, "_ULx86_64_step", &unw.step);
    find(library, "_ULx86_64_get_reg", &unw.get_reg);
}

void rg_libunwind_open(void) {
    if (atomic_exchange(&tried, true)) {
        return;
    }
    void *error = error_slot ? *error_slot : NULL;
    if (error_slot) {
        *error_slot = NULL;
    }
    open_and_find();
    if (error_slot) {
        // Ours, if there is one, is lost: a few bytes, once.
        *error_slot = error;
    }
}

size_t rg_libunwind_walk(const ucontext_t *context, uintptr_t *ret_pcs, size_t depth) {
    unw_cursor_t cursor;
    unw_context_t copy;
    if (!unw.init_local2 || !unw.step || !unw.get_reg) {
        return 0;
    }
    memcpy(&copy, context, sizeof copy);
    if (unw.init_local2(&cursor, &copy, UNW_INIT_SIGNAL_FRAME) != 0) {
        return 0;
    }
    size_t n = 0;
    unw_word_t pc;
    struct rg_frame_rule rule;
    bool exact = true; // the first pc, and each one below a signal handler's frame
    while (n < depth && unw.get_reg(&cursor, UNW_REG_IP, &pc) == 0 && pc) {
        ret_pcs[n++] = exact ? pc | RG_PC_EXACT : pc;
        // Not unw_is_signal_frame: libunwind 1.6 answers it one frame late.
        rg_cfi_find(exact ? pc : pc - 1, &rule);
        exact = rule.kind == RG_RULE_SIGNAL;
        if (unw.step(&cursor) <= 0) {
            break;
        }
    }
    return n;
}
