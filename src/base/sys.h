// SPDX-License-Identifier: MIT
// Raw system calls (x86-64 Linux). They go past the C library on purpose: errno stays as the program
// left it, no interposed wrapper of the program or of another preloaded library is entered, and every
// call is async-signal-safe. Each returns the kernel's value: >= 0, or -errno.
#ifndef RG_BASE_SYS_H
#define RG_BASE_SYS_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

RG_INLINE long rg_sys6(long nr, long a, long b, long c, long d, long e, long f) {
    long ret;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "=a"(ret)
                     : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return ret;
}

RG_INLINE long rg_sys4(long nr, long a, long b, long c, long d) {
    return rg_sys6(nr, a, b, c, d, 0, 0);
}

RG_INLINE long rg_sys3(long nr, long a, long b, long c) {
    return rg_sys6(nr, a, b, c, 0, 0, 0);
}

RG_INLINE long rg_sys2(long nr, long a, long b) {
    return rg_sys6(nr, a, b, 0, 0, 0, 0);
}

RG_INLINE long rg_sys0(long nr) {
    return rg_sys6(nr, 0, 0, 0, 0, 0, 0);
}

RG_INLINE int rg_getpid(void) {
    return (int)rg_sys0(SYS_getpid);
}

RG_INLINE int rg_gettid(void) {
    return (int)rg_sys0(SYS_gettid);
}

// Writes all of data to fd, resuming after short writes and EINTR, and waits for a slow reader, but not for
// one that takes nothing for a minute (two seconds where the program would not wait, or a signal waits to be
// let through); nor for that one again before there is room. Returns 0, or -errno
// of what kept it from writing more (-EAGAIN: nobody reads) than the bytes it counts in *ret_written. A SIGPIPE
// or SIGXFSZ of its own making is taken back.
int rg_write_all(int fd, const char *data, size_t len, size_t *ret_written);

// From now on opens nothing for that, as it does for a moment where fd is a terminal: the program enters a sandbox,
// which may end it for a call that it does not make itself.
void rg_write_without_opening(void);
// Whether nobody has said that yet.
bool rg_may_open(void);

// Moves a descriptor of the guard's own out of the program's way: to 500 or above, or where the limit does
// not allow that, beyond the standard streams. Returns its number; where none is free that is as before.
int rg_move_up(int fd);

// Reads the whole of a small file (/proc and the like) into buf and ends it with a zero byte.
// Returns its length, or -errno; a file longer than cap - 1 is cut there.
long rg_read_file(const char *path, char *buf, size_t cap);

// Whether n bytes at p can be read now. One system call for each page touched.
bool rg_is_readable(const void *p, size_t n);

#endif
