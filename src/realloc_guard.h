/* SPDX-License-Identifier: MIT */
/* What a program may ask librealloc_guard.so for. Everything here is declared weak: nothing is linked with, and the program
 * runs without the guard too. It is C and C++, of any age.
 *
 *     #include <realloc_guard.h>
 *
 *     unsigned long before = realloc_guard_finding_count();
 *     run_test();
 *     assert(realloc_guard_finding_count() == before);
 *
 * Under gdb:   call (int)realloc_guard_describe(pointer)
 *              call (int)realloc_guard_find_lost()
 *              call (int)realloc_guard_check_leaks()
 *
 * (Code that is compiled with -fno-pie never sees the guard: the linker takes a function that it does not find there for a null
 * pointer. -fPIE is what compilers do by default.)
 *
 * errno is kept by all of these functions. Without the guard (or where it stands aside, as in a program with a malloc of its
 * own) they answer what is said of each; only realloc_guard_find_lost and realloc_guard_check_leaks are null pointers then, and are to
 * be asked for as
 *
 *     if (realloc_guard_find_lost) {
 *         assert(realloc_guard_find_lost() <= 0);
 *     }
 */
#ifndef REALLOC_GUARD_H
#define REALLOC_GUARD_H

#include <stddef.h>

/* What this header offers: 1 is realloc_guard_find_lost, 2 is all that is here. Functions are never taken away and keep what
 * they promise; a program that was compiled with a newer header gets from an older guard what it gets without one. */
#define REALLOC_GUARD_API 2

#ifdef __cplusplus
extern "C" {
#endif

/* Looks now for blocks that were lost when a realloc of them failed, as the guard does at the end of the process, and
 * reports them. What the caller and the functions around it hold, in variables or registers, is not lost.
 *
 * Returns how many blocks were lost since the last call: 0 is none. Those are not reported again, be it at the end; a
 * further block from the same place is counted, and its report is not repeated. -1: it cannot be told, and nothing is
 * reported. So it is where other threads are alive, in a child of vfork, in a signal handler that has interrupted an
 * allocation or this function, while signals wait that are blocked, where messages in pipes or sockets have not been read
 * yet, and where /proc cannot be read, as in a sandbox.
 *
 * It takes from a few milliseconds to a second for each GiB that is in use, and nearly nothing where no realloc has failed.
 * It may be called from signal handlers. errno is kept. */
int realloc_guard_find_lost(void) __attribute__((weak));

/* A finding, as a callback gets it. Later versions may add members at the end; `size` says how many bytes there are of it.
 * Pointers are valid until the callback returns. */
struct realloc_guard_finding {
    size_t size;
    unsigned long number; /* 1 is the first one that this process has reported */
    const char
        *kind; /* "stale-write", "double-free", ...: as docs/findings.schema.json lists them */
    const char *text; /* the report: its text or, with format=json, its line */
    size_t text_length;
    const void *address;    /* what was accessed, or the pointer that was passed */
    const void *block;      /* where the block starts that it belongs to, or NULL */
    size_t block_size;      /* bytes that were asked for */
    const void *live_block; /* where that block is now, after all its moves; NULL: it is gone */
    int tid;                /* the kernel's number of the thread */
};

typedef void (*realloc_guard_callback)(const struct realloc_guard_finding *finding, void *arg);

/* The functions as the guard has them. Programs call those further down, which have other names for the linker, since a
 * debugger that calls one by its name is to get the guard's. */
unsigned long realloc_guard_weak_finding_count(void) __asm__("realloc_guard_finding_count")
    __attribute__((weak));
int realloc_guard_weak_describe(const void *p) __asm__("realloc_guard_describe")
    __attribute__((weak));
size_t realloc_guard_weak_describe_to(const void *p, char *text,
                                      size_t size) __asm__("realloc_guard_describe_to")
    __attribute__((weak));
int realloc_guard_weak_expect_push(const char *kinds) __asm__("realloc_guard_expect_push")
    __attribute__((weak));
long realloc_guard_weak_expect_pop(void) __asm__("realloc_guard_expect_pop") __attribute__((weak));
int realloc_guard_weak_set_callback(realloc_guard_callback fn,
                                    void *arg) __asm__("realloc_guard_set_callback")
    __attribute__((weak));

static __inline__ unsigned long
realloc_guard_finding_count(void) __asm__("realloc_guard_inline_finding_count");
static __inline__ int
realloc_guard_describe(const void *p) __asm__("realloc_guard_inline_describe");
static __inline__ size_t
realloc_guard_describe_to(const void *p, char *text,
                          size_t size) __asm__("realloc_guard_inline_describe_to");
static __inline__ int
realloc_guard_expect_push(const char *kinds) __asm__("realloc_guard_inline_expect_push");
static __inline__ long realloc_guard_expect_pop(void) __asm__("realloc_guard_inline_expect_pop");
static __inline__ int
realloc_guard_set_callback(realloc_guard_callback fn,
                           void *arg) __asm__("realloc_guard_inline_set_callback");

/* How many distinct findings this process has reported so far, without those that are suppressed or expected. 0 without the
 * guard. It takes no lock: it may be called from anywhere, in signal handlers too, and by a debugger at any instruction. */
static __inline__ unsigned long realloc_guard_finding_count(void) {
    return realloc_guard_weak_finding_count ? realloc_guard_weak_finding_count() : 0;
}

/* Writes to where reports go what is known of an address: which block it belongs to, its state and size, who allocated, moved
 * and freed it, and where it is now. Any value may be given; nothing is read through it. Returns 1 if the guard knows the
 * address, and 0 if not, which it says too, or without the guard.
 *
 * It may be called from anywhere, in signal handlers too, and by a debugger at any instruction. Where the thread or a thread that
 * was stopped is in the middle of the guard's own work, names and source lines cannot be looked up: it then gives the
 * addresses of the code, and says so. */
static __inline__ int realloc_guard_describe(const void *p) {
    return realloc_guard_weak_describe ? realloc_guard_weak_describe(p) : 0;
}

/* The same as a text without colours in `size` bytes at `text`, cut if it is longer, and always ended by a zero byte; nothing
 * is stored where size is 0. Returns the length of the whole, as snprintf does, so a second call with one byte more has room
 * for it, if nothing has become of the block meanwhile. 0, and an empty text: the guard does not know the address, or there is
 * no guard. 16 KiB is enough for nearly all. */
static __inline__ size_t realloc_guard_describe_to(const void *p, char *text, size_t size) {
    if (realloc_guard_weak_describe_to) {
        return realloc_guard_weak_describe_to(p, text, size);
    }
    if (size > 0) {
        text[0] = 0;
    }
    return 0;
}

/* For tests of code that misuses a pointer on purpose. From here to the matching realloc_guard_expect_pop, findings that the
 * calling thread meets are not reported and do not count, neither for the summary nor for the exit status, nor for
 * halt_on_error. kinds: the names of kinds, separated by commas, such as "stale-read,stale-write"; NULL: any. Findings of
 * other kinds, and those of other threads, are reported as ever. A forked child goes on with the regions of its thread.
 *
 * Regions may be nested, up to 16 deep: of those that name its kind, a finding belongs to the innermost one, and to no other.
 *
 * Returns 0; -1, and there is no new region: a kind is not known, or they are nested too deeply, which the guard says in one line
 * where reports go; or there is no guard. */
static __inline__ int realloc_guard_expect_push(const char *kinds) {
    return realloc_guard_weak_expect_push ? realloc_guard_weak_expect_push(kinds) : -1;
}

/* Ends the innermost region of the calling thread. Returns how many findings belonged to it: how often they occurred, be it
 * the same one in a loop. -1: there is no region, or no guard. */
static __inline__ long realloc_guard_expect_pop(void) {
    return realloc_guard_weak_expect_pop ? realloc_guard_weak_expect_pop() : -1;
}

/* From now on fn(finding, arg) is called for each finding that is reported, once its report is written; NULL: no more. There is
 * one for the process, so a test framework sets it at the start, before there are threads. Repetitions of a finding are not
 * reported, and findings that are suppressed or expected are not either.
 *
 * fn runs in the thread that has met the finding, in the middle of whatever that was doing, on a stack of 64 KiB of its own,
 * with signals blocked and no lock of the guard's held. At an access it is in a handler of SIGSEGV: it may do what is allowed in signal
 * handlers (write, but not printf or malloc), set variables, and call the functions of this header. It must return, and not
 * leave by longjmp or an exception. A misuse within fn is reported, and fn is not called for it. With halt_on_error it is called before the process
 * ends.
 *
 * Returns 0, or -1 without the guard. */
static __inline__ int realloc_guard_set_callback(realloc_guard_callback fn, void *arg) {
    return realloc_guard_weak_set_callback ? realloc_guard_weak_set_callback(fn, arg) : -1;
}

/* Looks now for blocks that nothing leads to any more, as the option leaks does at the end of the process, and reports them,
 * whether that option is set or not. What the caller and the functions around it hold is not leaked.
 *
 * Returns how many blocks are leaked, also those that were told before: 0 is none. Those from one place are reported once.
 * -1: it cannot be told, and a note says why, as where messages of the process to itself have not been read, where /proc
 * cannot be read, or in a child of fork where the option is not set. Other threads are stopped for that time.
 *
 * It takes about a tenth of a second for a million blocks, and as long again for each GiB in use. errno is kept. */
int realloc_guard_check_leaks(void) __attribute__((weak));

#ifdef __cplusplus
}
#endif

#endif
