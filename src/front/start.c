// SPDX-License-Identifier: MIT
// The start of the program: main is called through a function of ours, so that a return from it can end
// with the guard's exit status. State: the program's main.
#include "base/compiler.h"
#include "front/exit.h"
#include "front/leaks.h"
#include "front/lost.h"

#include <dlfcn.h>
#include <string.h>

typedef int main_fn(int argc, char **argv, char **environment);

static main_fn *program_main;

// Calls main with some room between its frame and the caller's: what runs right after it does not write over its frame.
int rg_call_main(main_fn *main, int argc, char **argv, char **environment);
__asm__(".pushsection .text\n"
        ".hidden rg_call_main\n"
        ".globl rg_call_main\n"
        ".type rg_call_main, @function\n"
        "rg_call_main:\n"
        ".cfi_startproc\n"
        "push %rbp\n"
        ".cfi_def_cfa_offset 16\n"
        ".cfi_offset %rbp, -16\n"
        "mov %rsp, %rbp\n"
        ".cfi_def_cfa_register %rbp\n"
        "sub $512, %rsp\n"
        "mov %rdi, %rax\n"
        "mov %esi, %edi\n"
        "mov %rdx, %rsi\n"
        "mov %rcx, %rdx\n"
        "call *%rax\n"
        "leave\n"
        ".cfi_def_cfa %rsp, 8\n"
        "ret\n"
        ".cfi_endproc\n"
        ".size rg_call_main, . - rg_call_main\n"
        ".popsection\n");

static int call_main(int argc, char **argv, char **environment) {
    int status = rg_call_main(program_main, argc, argv, environment);
    if (rg_unlikely(atomic_load_explicit(&rg_lost_is_pending, memory_order_relaxed))) {
        rg_lost_check_after_main();
    }
    rg_leaks_check(&RG_CALLER());
    return rg_exit_status(status);
}

// The C library has one function for both of its symbol versions; old programs pass init and fini.
RG_EXPORT int __libc_start_main(main_fn *main, int argc, char **argv, void (*init)(void),
                                void (*fini)(void), void (*rtld_fini)(void), void *stack_end);
RG_EXPORT int __libc_start_main(main_fn *main, int argc, char **argv, void (*init)(void),
                                void (*fini)(void), void (*rtld_fini)(void), void *stack_end) {
    int (*next)(main_fn *, int, char **, void (*)(void), void (*)(void), void (*)(void), void *);
    void *symbol = dlsym(RTLD_NEXT, "__libc_start_main");
    memcpy(&next, &symbol, sizeof next);
    program_main = main;
    return next(call_main, argc, argv, init, fini, rtld_fini, stack_end);
}
