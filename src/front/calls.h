// SPDX-License-Identifier: MIT
// Calls that hand a pointer of the program's to the kernel. The kernel answers EFAULT for a sealed page,
// without a signal, so these functions of the C library are interposed; calls.def says of each which of
// its arguments are pointers, what the kernel does there, and with how many bytes. From a row of that
// table come the exported function, the look at its pointers, and, where one is stale, the report and
// the bounce buffer (bounce.h).
//
// Integers and pointers are passed alike, so one type stands for all of the functions: six words, of
// which each takes those it has, and returns one. The upper half of a word that holds an int is undefined.
#ifndef RG_FRONT_CALLS_H
#define RG_FRONT_CALLS_H

#include "base/compiler.h"
#include "stack/walk.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef long rg_call_fn(long, long, long, long, long, long);

enum { RG_CALL_WORDS = 6, RG_CALL_ARGUMENTS_MAX = 6 };

// What the kernel does with the memory.
enum rg_call_access {
    RG_CALL_READS,
    RG_CALL_WRITES,         // some of it, perhaps: what it leaves alone keeps its contents
    RG_CALL_RETURNS_BYTES,  // writes as many bytes as the result says, a ssize_t
    RG_CALL_RETURNS_NUMBER, // writes as many elements as the result says, an int
};

// How many bytes it is. `a` are the words of the call, `with`, `with2` and `unit` the fields below.
enum rg_call_rule {
    RG_SIZE_NONE,   // no argument
    RG_SIZE_FIXED,  // unit
    RG_SIZE_BYTES,  // a[with], a size_t; unit 1: the result says how many of them were used, with2:
                    // but where these flags have MSG_TRUNC
    RG_SIZE_NUMBER, // unit * a[with], an int
    RG_SIZE_PRODUCT, // a[with] * a[with2], both size_t; the result counts those of a[with]
    RG_SIZE_STRING,  // up to the zero
    RG_SIZE_LENGTH,  // a socklen_t, if there is an address at a[with] whose length it is
    RG_SIZE_SOCKET,  // as many as the socklen_t at a[with] says
    RG_SIZE_FD_SET,  // bits for a[with] descriptors
    RG_SIZE_PAGES,   // one for each page of a[with] bytes
    RG_SIZE_MESSAGE, // a long and a[with] bytes
    RG_SIZE_HANDLE,  // struct file_handle, which says how long it is
    RG_SIZE_CHOICE,  // by the value of a[with], from table number `unit`; so is the access
    // Memory that leads to more memory:
    RG_SIZE_VECTOR,   // a[with] iovecs
    RG_SIZE_MESSAGES, // a[with] (if unit is that of mmsghdr) or one msghdr
    RG_SIZE_STRINGS,  // pointers to strings, up to NULL
    RG_SIZE_ACTIONS,  // posix_spawn_file_actions_t, with an array that the C library reallocates
};

// The tables for RG_SIZE_CHOICE, in call_sizes.c.
enum rg_call_table {
    RG_TABLE_EPOLL,
    RG_TABLE_FCNTL,
    RG_TABLE_IOCTL,
    RG_TABLE_PRCTL,
    RG_TABLE_MSG,
    RG_TABLE_SEM,
    RG_TABLE_SHM,
};

// Text is held inline, so that the table needs no relocation and stays shared between processes.
struct rg_call_argument {
    char name[15];
    uint8_t index;  // which word of the call
    uint8_t access; // enum rg_call_access
    uint8_t rule;   // enum rg_call_rule
    uint8_t with, with2;
    uint16_t unit;
};

struct rg_call {
    char name[28]; // as reports give it
    struct rg_call_argument argument[RG_CALL_ARGUMENTS_MAX];
};

// How many bytes a call accesses at a pointer, and how; 0 where it would not follow the pointer. Not for
// strings and for what leads to more memory.
size_t rg_call_size(const struct rg_call_argument *argument, const long *words,
                    enum rg_call_access *ret_access);

// Whether a pointer of the call is stale, or one that is found through it, or a buffer goes on behind the memory of a
// large block. Reports nothing.
bool rg_call_is_stale(const struct rg_call *call, const long *words);

// Makes a call that is stale, with bounce buffers. `next` is the C library's function.
long rg_call_make(const struct rg_call *call, rg_call_fn *next, const long *words,
                  struct rg_caller caller);

// The table's row for a number of syscall(), or NULL when the kernel is given no pointer that is known.
const struct rg_call *rg_call_of_number(long number);

// The functions of this layer that stand in the C library's place, for calls.c: they translate signal
// masks (signal_mask.c), get ready for limits (limits.c) and for threads (thread.c), and put libunwind's
// descriptors where the program does not meet them (pipe.c).
rg_call_fn rg_own_ppoll, rg_own_ppoll_checked, rg_own_pselect, rg_own_epoll_pwait,
    rg_own_epoll_pwait2, rg_own_sigtimedwait, rg_own_sigwaitinfo, rg_own_setrlimit, rg_own_prlimit,
    rg_own_pipe2, rg_own_prctl, rg_own_chroot, rg_own_pthread_create;

#endif
