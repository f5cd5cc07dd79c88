// SPDX-License-Identifier: MIT
// Single operations, timed: what scripts/bench-micro runs with and without the guard. Prints one figure,
// or two where memory is measured too.
#include "bench.h"

#include <stdio.h>
#include <sys/wait.h>

// ns for one free and one malloc of 16 to 1015 bytes, with 1,000 live blocks.
static void run_pairs(void) {
    enum { COUNT = 5000000, LIVE = 1000 };
    static char *blocks[LIVE];
    uint64_t state = 88172645463325252U;
    double start = now_ns();
    for (int i = 0; i < COUNT; i++) {
        uint64_t r = next_random(&state);
        char **block = &blocks[r % LIVE];
        free(*block);
        *block = malloc(16 + (size_t)((r >> 20) % 1000));
        **block = 1;
    }
    printf("%.0f\n", (now_ns() - start) / COUNT);
}

// ns for one realloc that changes the size of a small block, and the bytes that each leaves behind.
static void run_moves(void) {
    enum { COUNT = 1000000 };
    char *p = malloc(40);
    long before = memory_kb();
    double start = now_ns();
    for (int i = 0; i < COUNT; i++) {
        p = realloc(p, 40 + (size_t)(i % 100));
        *p = 1;
    }
    double ns = (now_ns() - start) / COUNT;
    printf("%.0f %.0f\n", ns, (double)(memory_kb() - before) * 1024 / COUNT);
}

// us for one write through the pointer from before a realloc.
static void run_stale(void) {
    enum { COUNT = 10000 };
    char *p = malloc(1000);
    char *volatile moved = realloc(p, 2000);
    double start = now_ns();
    for (int i = 0; i < COUNT; i++) {
        ((volatile char *)p)[i % 1000] = 1;
    }
    printf("%.1f\n", (now_ns() - start) / COUNT / 1e3);
    free(moved);
}

// ms for a fork, the child's end and the wait for it, with 10 MB of small blocks; the best of several.
static void run_fork(void) {
    double best = 1e18;
    for (int i = 0; i < 10 * (1 << 20) / 128; i++) {
        char *volatile block = malloc(128);
        *block = 1;
    }
    for (int i = 0; i < 15; i++) {
        double start = now_ns();
        pid_t pid = fork();
        if (pid == 0) {
            _exit(0);
        }
        waitpid(pid, NULL, 0);
        double took = now_ns() - start;
        best = took < best ? took : best;
    }
    printf("%.2f\n", best / 1e6);
}

// kB of a process that does nothing.
static void run_idle(void) {
    printf("%ld\n", memory_kb());
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*run)(void);
    } runs[] = {{"pairs", run_pairs},
                {"moves", run_moves},
                {"stale", run_stale},
                {"fork", run_fork},
                {"idle", run_idle}};
    for (size_t i = 0; argc == 2 && i < sizeof runs / sizeof *runs; i++) {
        if (!strcmp(argv[1], runs[i].name)) {
            runs[i].run();
            return 0;
        }
    }
    return 2;
}
