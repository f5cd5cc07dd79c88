// SPDX-License-Identifier: MIT
// The exit for our own bugs: one line with write(2), then abort. Misuse by the program goes to the
// report, a resource that ran out goes back to the caller; neither ever ends here.
#ifndef RG_BASE_DIE_H
#define RG_BASE_DIE_H

#include "base/compiler.h"

// Prints "realloc_guard: internal error: SENTENCE (file:line)" and kills the process with SIGABRT.
// Takes no lock, runs no handler of the program. Async-signal-safe.
RG_NORETURN RG_COLD void rg_die_at(const char *file, int line, const char *sentence, long value);

#define rg_die(sentence)              rg_die_at(__FILE__, __LINE__, (sentence), 0)
#define rg_die_value(sentence, value) rg_die_at(__FILE__, __LINE__, (sentence), (long)(value))

// An invariant that is checked always (cheap ones only).
#define rg_check(condition)                                                                        \
    do {                                                                                           \
        if (rg_unlikely(!(condition))) {                                                           \
            rg_die("this does not hold: " #condition);                                             \
        }                                                                                          \
    } while (0)

// An invariant that is checked in debug builds.
#ifdef RG_DEBUG
#define rg_assert(condition) rg_check(condition)
#else
#define rg_assert(condition) ((void)sizeof(condition))
#endif

#endif
