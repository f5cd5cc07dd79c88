// SPDX-License-Identifier: MIT
// dlclose and dlopen. dlclose, so that stacks recorded before can still be named after the object has
// gone, and so that no frame rule outlives the code it is about. dlopen, so that none outlives generated code
// either, and to leave out RTLD_DEEPBIND: an object bound that way would free memory of ours with the C
// library's own free, and abort. State: the C library's functions, looked up once.
#include "base/compiler.h"
#include "front/init.h"
#include "stack/modules.h"
#include "stack/walk.h"

#include <dlfcn.h>
#include <string.h>

RG_EXPORT int dlclose(void *handle) {
    int (*next)(void *);
    void *symbol = dlsym(RTLD_NEXT, "dlclose");
    memcpy(&next, &symbol, sizeof next);
    if (rg_init_is_aside()) {
        return next(handle);
    }
    struct rg_module_list *before = rg_modules_list();
    int ret = next(handle);
    if (rg_modules_unloaded(before)) {
        rg_walk_forget();
    }
    return ret;
}

// The flags that dlopen gets to see.
int rg_dlopen_mask __attribute__((visibility("hidden")));

// dlopen looks at its return address to learn who is asking (for $ORIGIN and RUNPATH), so it must be
// entered by a jump: the address on the stack stays the caller's.
void *rg_find_dlopen(void);
void *rg_find_dlopen(void) {
    static void *next;
    if (!next) {
        next = dlsym(RTLD_NEXT, "dlopen");
    }
    rg_walk_before_load();
    rg_dlopen_mask = rg_init_is_aside() ? ~0 : ~RTLD_DEEPBIND;
    return next;
}

__asm__(".pushsection .text\n"
        ".globl dlopen\n"
        ".type dlopen, @function\n"
        "dlopen:\n"
        ".cfi_startproc\n"
        "push %rdi\n"
        ".cfi_adjust_cfa_offset 8\n"
        "push %rsi\n"
        ".cfi_adjust_cfa_offset 8\n"
        "sub $8, %rsp\n"
        ".cfi_adjust_cfa_offset 8\n"
        "call rg_find_dlopen\n"
        "add $8, %rsp\n"
        ".cfi_adjust_cfa_offset -8\n"
        "pop %rsi\n"
        ".cfi_adjust_cfa_offset -8\n"
        "pop %rdi\n"
        ".cfi_adjust_cfa_offset -8\n"
        "and rg_dlopen_mask(%rip), %esi\n"
        "jmp *%rax\n"
        ".cfi_endproc\n"
        ".size dlopen, . - dlopen\n"
        ".popsection\n");
