// SPDX-License-Identifier: MIT
// The guard's own memory has become inaccessible: its crash is its own bug. It says so, with its own
// frames, and dies by the same signal, whether the fault came in free, while it was giving memory out, in
// the fault handler, or as SIGBUS. The program's handler is not called, and no other thread is left waiting.
// NATIVE: undefined
// ENDS: free -11
// ENDS: allocate -11
// ENDS: stale -11
// ENDS: bus -7
// TEXT: (?m)^realloc_guard: internal error: a fault (in the guard's own code|inside the fault handler), at \(0x[0-9a-f]+\) \(\S+\.c:\d+\)$
// TEXT: (?m)^    #\d+ \S+  \(librealloc_guard\.so\+0x[0-9a-f]+\)$
// TEXT: (?m)^    #\d+ (main|\?\?)  \(broken_guard\+0x[0-9a-f]+\)$
// TEXT: (?m)^  This is a bug of realloc_guard, not of the program\.$
#include "stale.h"
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 4096, VIEW_ALIGN = 1 << 16 };

static void on_fault(int sig) {
    (void)sig;
    _exit(1);
}

static void *allocate(void *unused) {
    for (int i = 0; i < 1000000; i++) {
        volatile char *block = malloc(24);
        *block = 1;
    }
    return unused;
}

// The page of the guard's that knows the view which the block is in: the view's address is in it.
static char *find_page(const char *block) {
    uintptr_t view = (uintptr_t)block & ~(uintptr_t)(VIEW_ALIGN - 1);
    static char line[400];
    FILE *maps = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof(line), maps)) {
        uintptr_t from, to;
        unsigned long inode;
        int length = 0;
        sscanf(line, "%lx-%lx rw-p %*s %*s %lu%n", &from, &to, &inode, &length);
        for (uintptr_t at = from; length && inode == 0 && !strchr(line, '[') && at < to; at += 8) {
            if (*(uintptr_t *)at == view) {
                return (char *)(at & ~(uintptr_t)(PAGE - 1));
            }
        }
    }
    _exit(2);
}

int main(int argc, char **argv) {
    pthread_t thread;
    signal(SIGSEGV, on_fault);
    FILE *nothing = tmpfile();
    char *block = malloc(24);
    char *old = make_stale(24);
    char *page = find_page(block);
    if (strcmp(argv[1], "bus") == 0) {
        mmap(page, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, fileno(nothing), 0);
        free(block);
    }
    mprotect(page, PAGE, PROT_NONE);
    if (strcmp(argv[1], "free") == 0) {
        free(block);
    } else if (strcmp(argv[1], "allocate") == 0) {
        pthread_create(&thread, NULL, allocate, NULL);
        allocate(NULL);
    } else {
        *old = 1;
    }
    return 0;
}
