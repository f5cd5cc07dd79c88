// SPDX-License-Identifier: MIT
// Signal masks, as the program gives them and as the kernel has them. SIGSEGV is never really blocked: a
// stale access would kill. That the program believes it blocked must follow it through siglongjmp,
// handlers, threads and coroutines as masks do, so it is kept in the kernel's mask itself, as the bit of a
// signal that nothing uses on x86 (SIGSTKFLT). SIGTRAP is the program's: fault.c opens it for its steps.
//
// No locks; async-signal-safe; errno untouched unless said.
#ifndef RG_FRONT_SIGNAL_MASK_H
#define RG_FRONT_SIGNAL_MASK_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <ucontext.h>

enum {
    RG_SEGV_STAND_IN = SIGSTKFLT,
    RG_SEGV_DEFERRED = 0x52474453, // si_errno, always 0 otherwise, of a SIGSTKFLT that is a SIGSEGV
};

static inline uint64_t rg_mask_bit(int sig) {
    return 1UL << (sig - 1);
}

// sigset_t begins with the kernel's 64 bits.
static inline uint64_t rg_mask_get(const sigset_t *set) {
    uint64_t mask;
    memcpy(&mask, set, sizeof mask);
    return mask;
}

static inline void rg_mask_put(sigset_t *set, uint64_t mask) {
    memcpy(set, &mask, sizeof mask);
}

// rt_sigprocmask itself, in the kernel's terms.
long rg_mask_change(int how, const uint64_t *set, uint64_t *old);

// A mask of the program's in the kernel's terms, and back. The same while the guard is not active.
uint64_t rg_mask_to_kernel(uint64_t mask);
uint64_t rg_mask_from_kernel(uint64_t mask);

// Takes over the mask that the process began with. Where no lock is held: giving one back restores the mask.
void rg_mask_init(void);

// Whether the program believes SIGSEGV blocked in the interrupted code.
bool rg_mask_is_segv_blocked(const ucontext_t *context);

#endif
