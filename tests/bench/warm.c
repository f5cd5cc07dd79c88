// SPDX-License-Identifier: MIT
// Makes the memory that the next program will get ready to use, and prints what that took, in milliseconds
// of CPU time for each 2 MiB. scripts/bench runs it right before every run of every tool.
//
//   warm MEGABYTES
//
// Where a virtual machine tells its host of free memory (free page reporting), the host takes each free
// block of 2 MiB back some two seconds later. Who touches the block next waits until the host has found
// and cleared memory for it, which is counted as system time of the toucher's and takes some ten times as
// long as the kernel's own work. How many such blocks a program meets depends on what ran just before.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

enum { BLOCK = 2 << 20, PAGE = 4096 };

static double milliseconds_used(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

int main(int argc, char **argv) {
    size_t length = argc == 2 ? strtoul(argv[1], NULL, 10) << 20 : 0;
    if (length < BLOCK) {
        fputs("usage: warm MEGABYTES\n", stderr);
        return 2;
    }
    char *mapped = mmap(NULL, length + BLOCK, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) {
        perror("warm: mmap");
        return 1;
    }
    char *start = (char *)(((uintptr_t)mapped + BLOCK - 1) & ~(uintptr_t)(BLOCK - 1));
    // Huge pages take whole blocks; without them the kernel would serve what is left of broken ones first.
    madvise(start, length, MADV_HUGEPAGE);
    double begun = milliseconds_used();
    // Each page by itself, for where there are no huge ones.
    for (size_t i = 0; i < length; i += PAGE) {
        start[i] = 1;
    }
    printf("%.3f\n", (milliseconds_used() - begun) / ((double)length / BLOCK));
    return 0;
}
