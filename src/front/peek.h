// SPDX-License-Identifier: MIT
// Reading memory that the program handed over and that the kernel would have been the first to touch: where
// it cannot be read the kernel answers EFAULT, so it must not fault in our hands.
#ifndef RG_FRONT_PEEK_H
#define RG_FRONT_PEEK_H

#include <stdbool.h>
#include <stddef.h>
#include <ucontext.h>

// Copies n bytes. False: they cannot all be read, and *dst holds anything. No lock, no system call;
// async-signal-safe. Needs the guard's handler for SIGSEGV.
bool rg_peek(void *dst, const void *src, size_t n);

// For that handler: whether the fault was a peek's. Then *context goes on to its answer, false.
bool rg_peek_failed(ucontext_t *context);

#endif
