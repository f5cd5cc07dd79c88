/* SPDX-License-Identifier: MIT */
/* What a program may ask librealloc_guard.so for. Everything here is declared weak: nothing is linked with, and without the
 * guard the functions are null pointers. It is C and C++.
 *
 *     #include <realloc_guard.h>
 *
 *     if (realloc_guard_find_lost) {
 *         assert(realloc_guard_find_lost() <= 0);
 *     }
 *
 * Under gdb:   call (int)realloc_guard_find_lost()
 */
#ifndef REALLOC_GUARD_H
#define REALLOC_GUARD_H

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

#ifdef __cplusplus
}
#endif

#endif
