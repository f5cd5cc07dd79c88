// SPDX-License-Identifier: MIT
// See peek.h. Two instructions may fault; the handlers know them by their addresses. No state.
#include "front/peek.h"

#include "base/compiler.h"
#include "base/sys.h"
#include "front/signals.h"

#include <errno.h>
#include <stdint.h>
#include <sys/uio.h>

extern const char rg_peek_word[], rg_peek_byte[], rg_peek_fault[];

bool rg_peek_copy(void *dst, const void *src, size_t n);

__asm__(".pushsection .text\n"
        ".hidden rg_peek_copy\n"
        ".globl rg_peek_copy\n"
        ".type rg_peek_copy, @function\n"
        "rg_peek_copy:\n"
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
        ".size rg_peek_copy, . - rg_peek_copy\n"
        ".popsection\n");

bool rg_peek(void *dst, const void *src, size_t n) {
    return (rg_likely(rg_signals_have_bus()) || n == 0 || rg_is_readable(src, n)) &&
           rg_peek_copy(dst, src, n);
}

int rg_poke(void *dst, const void *src, size_t n) {
    struct iovec local = {(void *)(uintptr_t)src, n}, remote = {dst, n};
    long ret = rg_sys6(SYS_process_vm_writev, rg_getpid(), (long)&local, 1, (long)&remote, 1, 0);
    return ret < 0 ? (int)ret : ret == (long)n ? 0 : -EFAULT;
}

bool rg_peek_failed(const siginfo_t *info, ucontext_t *context) {
    // A signal that was sent, or memory that was lost elsewhere, may come between any two instructions.
    if (info->si_code <= 0 || (info->si_signo == SIGBUS && info->si_code == BUS_MCEERR_AO)) {
        return false;
    }
    greg_t *pc = &context->uc_mcontext.gregs[REG_RIP];
    uintptr_t at = (uintptr_t)*pc;
    if (at != (uintptr_t)rg_peek_word && at != (uintptr_t)rg_peek_byte) {
        return false;
    }
    *pc = (greg_t)(uintptr_t)rg_peek_fault;
    return true;
}
