// SPDX-License-Identifier: MIT
// Memory that the program handed over and that the kernel would have been the first to touch: where it cannot be
// read, or written, the kernel answers EFAULT, so it must not fault in our hands.
#ifndef RG_FRONT_PEEK_H
#define RG_FRONT_PEEK_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <ucontext.h>

// Copies n bytes. False: they cannot all be read, and *dst holds anything. No lock; async-signal-safe. Needs
// the guard's handlers for SIGSEGV and SIGBUS (a page beyond a file's end); where the program has taken the
// latter, the kernel is asked first.
bool rg_peek(void *dst, const void *src, size_t n);

// Stores n bytes by a system call; errno is kept. Returns 0; -EFAULT when not all can be written; or -errno where a
// sandbox refuses the call.
int rg_poke(void *dst, const void *src, size_t n);

// For these handlers: whether the fault was a peek's. Then *context goes on to its answer, false.
bool rg_peek_failed(const siginfo_t *info, ucontext_t *context);

#endif
