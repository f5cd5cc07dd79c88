// SPDX-License-Identifier: MIT
// The exported functions that calls.def lists. Each looks its pointers up, and while none of them is in
// memory of the guard's it jumps to the C library's function with everything as it was, so that stays a
// cancellation point, takes its variable arguments, and may be called by a vfork child. State: the C
// library's functions, found in the constructor; a call before that finds its own.
#include "front/calls.h"

#include "front/next.h"
#include "heap/view.h"

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>

// What an argument is, in the table's words.
#define READS(index, name, size)                                                                   \
    { name, index, RG_CALL_READS, size }
#define WRITES(index, name, size)                                                                  \
    { name, index, RG_CALL_WRITES, size }
#define RETURNS(index, name, size)                                                                 \
    { name, index, RG_CALL_RETURNS_BYTES, size }
#define RETURNS_NUMBER(index, name, size)                                                          \
    { name, index, RG_CALL_RETURNS_NUMBER, size }
#define STRING(index, name)                                                                        \
    { name, index, RG_CALL_READS, UP_TO_ZERO }
#define STRINGS(index, name)                                                                       \
    { name, index, RG_CALL_READS, RG_SIZE_STRINGS, 0, 0, 0 }
#define SPAWN_ACTIONS(index, name)                                                                 \
    { name, index, RG_CALL_READS, RG_SIZE_ACTIONS, 0, 0, 0 }
#define CHOICE(index, name, by, table)                                                             \
    { name, index, RG_CALL_READS, RG_SIZE_CHOICE, by, 0, table }
#define VECTOR(index, name, number, access)                                                        \
    { name, index, RG_CALL_##access, RG_SIZE_VECTOR, number, 0, 1 }
// The same where the result does not say how many bytes were read, or written.
#define VECTOR_ONLY(index, name, number, access)                                                   \
    { name, index, RG_CALL_##access, RG_SIZE_VECTOR, number, 0, 0 }
#define MESSAGES(index, name, number, type, access)                                                \
    { name, index, RG_CALL_##access, RG_SIZE_MESSAGES, number, 0, sizeof(type) }

// How large it is.
#define OF(type)               RG_SIZE_FIXED, 0, 0, sizeof(type)
#define BYTES(word)            RG_SIZE_BYTES, word, 0, 0
#define NUMBER_OF(word, type)  RG_SIZE_NUMBER, word, 0, sizeof(type)
#define BYTES_DONE(word)       RG_SIZE_BYTES, word, 0, 1     // the result says how many were read
#define BYTES_HAD(word, flags) RG_SIZE_BYTES, word, flags, 0 // of a message
#define PRODUCT(word, word2)   RG_SIZE_PRODUCT, word, word2, 1
#define LENGTH(address)        RG_SIZE_LENGTH, address, 0, 0
#define SOCKET(length)         RG_SIZE_SOCKET, length, 0, 0
#define FD_SET_OF(word)        RG_SIZE_FD_SET, word, 0, 0
#define PAGES(word)            RG_SIZE_PAGES, word, 0, 0
#define MESSAGE_OF(word)       RG_SIZE_MESSAGE, word, 0, 0
#define FILE_HANDLE            RG_SIZE_HANDLE, 0, 0, 0
#define UP_TO_ZERO             RG_SIZE_STRING, 0, 0, 0

_Static_assert(sizeof(struct stat) == sizeof(struct stat64), "one layout on x86-64");
_Static_assert(sizeof(struct statfs) == sizeof(struct statfs64), "one layout on x86-64");
_Static_assert(sizeof(struct rlimit) == sizeof(struct rlimit64), "one layout on x86-64");

enum {
#define CALL(function, ...)      ROW_##function,
#define LIBRARY(function, ...)   ROW_##function,
#define AS(function, shown, ...) ROW_##function,
#define OWN(function, ours, ...) ROW_##function,
#include "front/calls.def"
};

static const struct rg_call rows[] = {
#define CALL(function, ...)      [ROW_##function] = {#function, {__VA_ARGS__}},
#define LIBRARY(function, ...)   [ROW_##function] = {#function, {__VA_ARGS__}},
#define AS(function, shown, ...) [ROW_##function] = {shown, {__VA_ARGS__}},
#define OWN(function, ours, ...) [ROW_##function] = {#function, {__VA_ARGS__}},
#include "front/calls.def"
};

enum {
#define CALL(function, ...)      FUNCTION_##function,
#define LIBRARY(function, ...)   FUNCTION_##function,
#define AS(function, shown, ...) FUNCTION_##function,
#define OWN(function, ours, ...) FUNCTION_##function,
#define ALIAS(function, row)     FUNCTION_##function,
#include "front/calls.def"
    FUNCTION_COUNT
};

// Held inline, like the text of the rows.
static const char names[FUNCTION_COUNT][28] = {
#define CALL(function, ...)      #function,
#define LIBRARY(function, ...)   #function,
#define AS(function, shown, ...) #function,
#define OWN(function, ours, ...) #function,
#define ALIAS(function, row)     #function,
#include "front/calls.def"
};

static rg_call_fn *const own[FUNCTION_COUNT] = {
#define OWN(function, ours, ...) [FUNCTION_##function] = ours,
#include "front/calls.def"
};

static rg_call_fn *next[FUNCTION_COUNT];

static void find(unsigned function) {
    if (own[function]) {
        next[function] = own[function];
    } else {
        rg_find_next(names[function], &next[function]);
    }
}

__attribute__((constructor)) static void find_all(void) {
    for (unsigned i = 0; i < FUNCTION_COUNT; i++) {
        find(i);
    }
}

// Asked of a call with a pointer of ours in it, or that leads to other memory.
static RG_NOINLINE bool is_stale(const struct rg_call *call, long a, long b, long c, long d, long e,
                                 long f) {
    long words[RG_CALL_WORDS] = {a, b, c, d, e, f};
    return rg_call_is_stale(call, words);
}

// The call with a stale pointer in it, or before the constructor. `frame` is the frame pointer of the
// exported function.
static RG_NOINLINE long make(unsigned function, const struct rg_call *call, const long *words,
                             const uintptr_t *frame) {
    if (rg_unlikely(!next[function])) {
        find(function);
    }
    if (rg_unlikely(!next[function])) {
        errno = ENOSYS; // this C library has no such function
        return -1;
    }
    if (rg_likely(!rg_call_is_stale(call, words))) {
        return next[function](words[0], words[1], words[2], words[3], words[4], words[5]);
    }
    struct rg_caller caller = {frame[1], (uintptr_t)(frame + 2), frame[0]};
    return rg_call_make(call, next[function], words, caller);
}

// Whether the argument needs more than a look into the map.
RG_INLINE bool is_near(const struct rg_call_argument *argument, long a, long b, long c, long d,
                       long e, long f) {
    long words[RG_CALL_WORDS] = {a, b, c, d, e, f};
    return argument->rule >= RG_SIZE_VECTOR ||
           (argument->rule && rg_view_find((uintptr_t)words[argument->index]) != NULL);
}

RG_INLINE bool is_any_near(const struct rg_call *call, long a, long b, long c, long d, long e,
                           long f) {
    const struct rg_call_argument *argument = call->argument;
    return is_near(&argument[0], a, b, c, d, e, f) || is_near(&argument[1], a, b, c, d, e, f) ||
           is_near(&argument[2], a, b, c, d, e, f) || is_near(&argument[3], a, b, c, d, e, f) ||
           is_near(&argument[4], a, b, c, d, e, f) || is_near(&argument[5], a, b, c, d, e, f);
}
_Static_assert(RG_CALL_ARGUMENTS_MAX == 6, "the function above");

#define EXPORT(function, row)                                                                      \
    RG_EXPORT long rg_export_##function(long a, long b, long c, long d, long e,                    \
                                        long f) __asm__(#function);                                \
    RG_EXPORT long rg_export_##function(long a, long b, long c, long d, long e, long f) {          \
        if (rg_likely(next[FUNCTION_##function]) &&                                                \
            (rg_likely(!is_any_near(&rows[ROW_##row], a, b, c, d, e, f)) ||                        \
             !is_stale(&rows[ROW_##row], a, b, c, d, e, f))) {                                     \
            return next[FUNCTION_##function](a, b, c, d, e, f);                                    \
        }                                                                                          \
        long words[RG_CALL_WORDS] = {a, b, c, d, e, f};                                            \
        return make(FUNCTION_##function, &rows[ROW_##row], words, __builtin_frame_address(0));     \
    }

#define CALL(function, ...)      EXPORT(function, function)
#define LIBRARY(function, ...)   EXPORT(function, function)
#define AS(function, shown, ...) EXPORT(function, function)
#define OWN(function, ours, ...) EXPORT(function, function)
#define ALIAS(function, row)     EXPORT(function, row)
#include "front/calls.def"

// Row + 1 of a system call's number.
static const uint16_t row_of_number[] = {
#define CALL(function, ...) [SYS_##function] = ROW_##function + 1,
#define NUMBER(number, row) [SYS_##number] = ROW_##row + 1,
#include "front/calls.def"
};

const struct rg_call *rg_call_of_number(long number) {
    bool is_known = number >= 0 && (size_t)number < RG_ARRAY_LEN(row_of_number);
    unsigned row = is_known ? row_of_number[number] : 0;
    return row > 0 ? &rows[row - 1] : NULL;
}
