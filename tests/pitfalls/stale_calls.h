// SPDX-License-Identifier: MIT
// For the programs stale_calls_*.c. Each makes the calls of src/front/calls.def with one stale pointer at a
// time, by every name that the function has, and prints what came of it. Without the guard the pointer is
// a good one, and what is printed must be the same. check_calls.py compares, and looks for the reports.
#pragma once

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef long call_fn();

// The table: functions with the row that describes them, and rows with the name that reports show.
struct name {
    const char *function, *row;
};
#define CALL(function, ...)      {#function, #function},
#define LIBRARY(function, ...)   {#function, #function},
#define AS(function, shown, ...) {#function, #function},
#define OWN(function, ours, ...) {#function, #function},
#define ALIAS(function, row)     {#function, #row},
static const struct name names[] = {
#include "calls.def"
    // What no row can describe.
    {"execl", "execl"},
    {"execlp", "execlp"},
    {"execle", "execle"},
    {"execv", "execv"},
    {"execvp", "execvp"},
    {"popen", "popen"},
    {"posix_spawnp", "posix_spawnp"},
    {"system", "system"},
    {"wordexp", "wordexp"},
    {"__recvfrom_chk", "__recvfrom_chk"},
};
#define AS(function, shown, ...) {#function, shown},
static const struct name shown_names[] = {
#include "calls.def"
    {"__recvfrom_chk", "recvfrom"},
};

static struct {
    const char *row, *argument;
    unsigned next;   // where in names to go on
    unsigned number; // of the function among those of its row
    char *buffer;    // the last one made
    size_t bytes;
    char before[8192];
} now;

// From a different place for each function of a row: the guard reports one misuse once.
__attribute__((noinline)) static char *make(unsigned depth, const void *bytes, size_t n) {
    if (depth > 0) {
        char *p = make(depth - 1, bytes, n);
        __asm__ volatile("" ::: "memory");
        return p;
    }
    char *old = malloc(n), *volatile hidden = old;
    memcpy(old, bytes, n);
    if (getenv("REALLOC_GUARD_OPTIONS") && !realloc(old, n + 10000)) {
        abort();
    }
    return hidden;
}

static void *stale(const void *bytes, size_t n) {
    memcpy(now.before, bytes, n < sizeof now.before ? n : sizeof now.before);
    now.bytes = n < sizeof now.before ? n : sizeof now.before;
    return now.buffer = make(now.number, bytes, n);
}

static void *stale_room(size_t n) {
    static char room[1 << 20];
    memset(room, 'x', n);
    return stale(room, n);
}

// A string, room for n bytes, a value, an array.
#define S(text)      ((char *)stale(text, strlen(text) + 1))
#define R(n)         stale_room(n)
#define V(type, ...) stale(&(type)__VA_ARGS__, sizeof(type))

static const char *shown_name(const char *row) {
    for (unsigned i = 0; i < sizeof shown_names / sizeof shown_names[0]; i++) {
        if (strcmp(shown_names[i].function, row) == 0) {
            return shown_names[i].row;
        }
    }
    return row;
}

static call_fn *next_function(const char *row, const char *argument) {
    if (now.row != row || now.argument != argument) {
        now.row = row;
        now.argument = argument;
        now.next = now.number = 0;
    }
    for (; now.next < sizeof names / sizeof names[0]; now.next++) {
        if (strcmp(names[now.next].row, row) == 0) {
            call_fn *function = (call_fn *)dlsym(RTLD_DEFAULT, names[now.next].function);
            printf("%s: for %s (argument %s)\n", names[now.next].function, shown_name(row),
                   argument);
            if (!function) {
                printf("no such function\n");
                exit(1);
            }
            now.next++;
            now.number++;
            errno = 0;
            return function;
        }
    }
    if (now.number == 0) {
        printf("no such row: %s\n", row);
        exit(1);
    }
    now.row = NULL;
    return NULL;
}

static void show(long result, bool is_exact) {
    int error = errno;
    printf("  %d, errno %d", (int)result, (int)result == -1 || !result ? error : 0);
    char after[sizeof now.before];
    memcpy(after, now.buffer, now.bytes);
    printf(", %s", memcmp(now.before, after, now.bytes) == 0 ? "unchanged" : "changed");
    if (is_exact) {
        unsigned long hash = 0;
        for (size_t i = 0; i < now.bytes; i++) {
            hash = hash * 131 + (unsigned char)after[i];
        }
        printf(", %lx", hash);
    }
    printf("\n");
    fflush(stdout);
}

// Evaluates `made`, which calls `call` once, with a stale pointer as that argument of the row, and shows
// the value; EXACT shows the buffer's contents too.
#define CASE_AS(row, argument, is_exact, made)                                                     \
    for (call_fn * call; (call = next_function(#row, argument));) {                                \
        show((long)(made), is_exact);                                                              \
    }
#define CASE(row, argument, made)  CASE_AS(row, argument, false, made)
#define EXACT(row, argument, made) CASE_AS(row, argument, true, made)

// The same for syscall() with a number.
#define RAW(shown, argument, made)                                                                 \
    do {                                                                                           \
        printf("syscall: for %s (argument %s)\n", shown, argument);                                \
        now.number = 0;                                                                            \
        errno = 0;                                                                                 \
        show((long)(made), false);                                                                 \
    } while (0)

// A descriptor that is none.
enum { NOWHERE = 0x7fffffff };

// For results that are new descriptors, whose numbers do not matter.
static inline long closed(long fd) {
    return (int)fd >= 0 ? close((int)fd) : -1;
}

// The wait status of a vfork child that executes a program.
#define EXECUTED(made)                                                                             \
    ({                                                                                             \
        pid_t child = vfork();                                                                     \
        if (child == 0) {                                                                          \
            (void)(made);                                                                          \
            _exit(99);                                                                             \
        }                                                                                          \
        int status;                                                                                \
        waitpid(child, &status, 0);                                                                \
        status;                                                                                    \
    })
