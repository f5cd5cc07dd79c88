// SPDX-License-Identifier: MIT
// The exported functions that the program or a debugger calls to ask for lost blocks and for leaks (realloc_guard.h). A
// debugger makes a program call them between any two instructions, where pointers may be in registers that functions may
// change, and that it keeps for itself meanwhile. It leaves them as they are for the call, so they are stored first of all.
// No state.
#include "base/compiler.h"
#include "front/leaks.h"
#include "front/lost.h"
#include "front/peek.h"
#include "realloc_guard.h"

#include <dlfcn.h>

// The function of that name, which stores the registers and calls the target.
#define RG_ASKED(name, target)                                                                     \
    __asm__(".pushsection .text\n"                                                                 \
            ".globl " name "\n"                                                                    \
            ".type " name ", @function\n" name ":\n"                                               \
            ".cfi_startproc\n"                                                                     \
            "push %rbp\n"                                                                          \
            ".cfi_def_cfa_offset 16\n"                                                             \
            ".cfi_offset %rbp, -16\n"                                                              \
            "mov %rsp, %rbp\n"                                                                     \
            ".cfi_def_cfa_register %rbp\n"                                                         \
            "push %r11\n"                                                                          \
            "push %r10\n"                                                                          \
            "push %r9\n"                                                                           \
            "push %r8\n"                                                                           \
            "push %rdi\n"                                                                          \
            "push %rsi\n"                                                                          \
            "push %rdx\n"                                                                          \
            "push %rcx\n"                                                                          \
            "push %rax\n"                                                                          \
            "mov %rsp, %rsi\n"                                                                     \
            "mov %rbp, %rdi\n"                                                                     \
            "and $-16, %rsp\n"                                                                     \
            "cld\n"                                                                                \
            "call " target "\n"                                                                    \
            "leave\n"                                                                              \
            ".cfi_def_cfa %rsp, 8\n"                                                               \
            "ret\n"                                                                                \
            ".cfi_endproc\n"                                                                       \
            ".size " name ", . - " name "\n"                                                       \
            ".popsection\n")

RG_ASKED("realloc_guard_find_lost", "rg_find_lost");
RG_ASKED("realloc_guard_check_leaks", "rg_check_leaks");

// Whether the instruction before is a call. A debugger lets the function return to a place of its own.
static bool is_after_call(uintptr_t pc) {
    struct dl_find_object object;
    uint8_t code[7] = {0}; // the longest call
    if (_dl_find_object((void *)(pc - 1), &object) != 0 ||
        !rg_peek(code, (const void *)(pc - sizeof code), sizeof code)) {
        return false;
    }
    bool is_call = code[2] == 0xe8;
    for (size_t i = 0; i + 1 < sizeof code; i++) {
        is_call = is_call || (code[i] == 0xff && (code[i + 1] >> 3 & 7) == 2);
    }
    return is_call;
}

// frame: rbp of one of the functions above, which is called by who asks.
__attribute__((visibility("hidden"))) int rg_find_lost(const uintptr_t *frame,
                                                       const uintptr_t *others);
int rg_find_lost(const uintptr_t *frame, const uintptr_t *others) {
    struct rg_caller caller = {frame[1], (uintptr_t)(frame + 2), frame[0]};
    return rg_lost_find(&caller, is_after_call(caller.pc) ? NULL : others);
}

__attribute__((visibility("hidden"))) int rg_check_leaks(const uintptr_t *frame,
                                                         const uintptr_t *others);
int rg_check_leaks(const uintptr_t *frame, const uintptr_t *others) {
    struct rg_caller caller = {frame[1], (uintptr_t)(frame + 2), frame[0]};
    return rg_leaks_find(&caller, is_after_call(caller.pc) ? NULL : others);
}
