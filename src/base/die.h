// SPDX-License-Identifier: MIT
// The exit for our own bugs: one line with write(2), the stack, then the end by a signal. Misuse by the
// program goes to the report, a resource that ran out goes back to the caller; neither ever ends here.
#ifndef RG_BASE_DIE_H
#define RG_BASE_DIE_H

#include "base/compiler.h"

#include <signal.h>

// Prints "realloc_guard: internal error: SENTENCE (file:line)" and, where a hook has been set, the stack, and
// kills the process with the signal. context: of the fault that was the bug, or NULL. Takes no lock, runs no
// handler of the program, and ends even where it fails itself. Async-signal-safe.
RG_NORETURN RG_COLD void rg_die_at(const char *file, int line, const char *sentence, long value,
                                   int signal, const void *context);

#define rg_die(sentence) rg_die_at(__FILE__, __LINE__, (sentence), 0, SIGABRT, NULL)
#define rg_die_value(sentence, value)                                                              \
    rg_die_at(__FILE__, __LINE__, (sentence), (long)(value), SIGABRT, NULL)
#define rg_die_of_fault(sentence, value, signal, context)                                          \
    rg_die_at(__FILE__, __LINE__, (sentence), (long)(value), (signal), (context))

// Ends the process by the signal's default action, whatever the program has set, without entering the C
// library's abort lock. For ends that are no bug of ours. Async-signal-safe.
RG_NORETURN RG_COLD void rg_end_by(int signal);

// What tells the stack, once, after the line has been printed; `line` is that line. It is at the mercy of
// the bug: a lock may be held for ever, and memory of the guard's may be gone.
void rg_die_set_hook(void (*tell)(const char *line, const void *context));

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
