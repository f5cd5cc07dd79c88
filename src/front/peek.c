// SPDX-License-Identifier: MIT
// See peek.h. Two instructions may fault; the handler knows them by their addresses. No state.
#include "front/peek.h"

#include <stdint.h>

extern const char rg_peek_word[], rg_peek_byte[], rg_peek_fault[];

__asm__(".pushsection .text\n"
        ".hidden rg_peek\n"
        ".globl rg_peek\n"
        ".type rg_peek, @function\n"
        "rg_peek:\n"
        ".cfi_startproc\n"
        "1: sub $8, %rdx\n"
        "jb 2f\n"
        ".hidden rg_peek_word\n"
        ".globl rg_peek_word\n"
        "rg_peek_word:\n"
        "mov (%rsi), %rax\n"
        "mov %rax, (%rdi)\n"
        "add $8, %rsi\n"
        "add $8, %rdi\n"
        "jmp 1b\n"
        "2: add $8, %rdx\n"
        "3: sub $1, %rdx\n"
        "jb 4f\n"
        ".hidden rg_peek_byte\n"
        ".globl rg_peek_byte\n"
        "rg_peek_byte:\n"
        "mov (%rsi), %al\n"
        "mov %al, (%rdi)\n"
        "add $1, %rsi\n"
        "add $1, %rdi\n"
        "jmp 3b\n"
        "4: mov $1, %eax\n"
        "ret\n"
        ".hidden rg_peek_fault\n"
        ".globl rg_peek_fault\n"
        "rg_peek_fault:\n"
        "xor %eax, %eax\n"
        "ret\n"
        ".cfi_endproc\n"
        ".size rg_peek, . - rg_peek\n"
        ".popsection\n");

bool rg_peek_failed(ucontext_t *context) {
    greg_t *pc = &context->uc_mcontext.gregs[REG_RIP];
    uintptr_t at = (uintptr_t)*pc;
    if (at != (uintptr_t)rg_peek_word && at != (uintptr_t)rg_peek_byte) {
        return false;
    }
    *pc = (greg_t)(uintptr_t)rg_peek_fault;
    return true;
}
