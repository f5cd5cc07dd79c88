// SPDX-License-Identifier: MIT
// What a fork costs in a process with a heap of small blocks: scripts/bench-fork runs it with and without
// the guard. Prints the median of the times from the fork until the child has been waited for, in ms.
//
//   fork exit|exec|child|parent MEGABYTES FORKS
//
//   exit    the child ends at once
//   exec    the child executes /bin/true
//   child   the child frees, allocates and writes 1,000 blocks, then ends
//   parent  the parent does, while the child waits for it, then the child ends
#include "../support/random.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CHANGED = 1000, FORKS_MAX = 1000 };

static char **blocks;
static size_t count;

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static char *make_block(void) {
    size_t size = 16 + (size_t)(next_random() % 1000);
    char *block = malloc(size);
    if (!block) {
        _exit(3);
    }
    memset(block, 'b', size);
    return block;
}

static void fill_heap(size_t megabytes) {
    const size_t mean = 16 + 1000 / 2;
    count = (megabytes << 20) / mean;
    blocks = calloc(count, sizeof *blocks);
    for (size_t i = 0; blocks && i < count; i++) {
        blocks[i] = make_block();
    }
}

static void change_blocks(void) {
    for (int i = 0; i < CHANGED; i++) {
        char **block = &blocks[next_random() % count];
        free(*block);
        *block = make_block();
    }
}

static double time_one(const char *what) {
    bool by_parent = !strcmp(what, "parent");
    int ends[2];
    char byte;
    int status = 1;
    if (pipe(ends) != 0) {
        exit(3);
    }
    double start = now_ms();
    pid_t pid = fork();
    if (pid == 0) {
        if (by_parent) {
            close(ends[1]);
            _exit(read(ends[0], &byte, 1) == 0 ? 0 : 4);
        }
        if (!strcmp(what, "exec")) {
            execl("/bin/true", "true", NULL);
        } else if (!strcmp(what, "child")) {
            change_blocks();
        }
        _exit(0);
    }
    if (by_parent) {
        change_blocks();
    }
    close(ends[1]);
    waitpid(pid, &status, 0);
    double took = now_ms() - start;
    close(ends[0]);
    if (pid < 0 || status != 0) {
        exit(3);
    }
    return took;
}

static int compare(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

int main(int argc, char **argv) {
    static double times[FORKS_MAX];
    int forks = argc == 4 ? atoi(argv[3]) : 0;
    if (forks < 1 || forks > FORKS_MAX) {
        return 2;
    }
    fill_heap(strtoul(argv[2], NULL, 10));
    time_one(argv[1]);
    for (int i = 0; i < forks; i++) {
        times[i] = time_one(argv[1]);
    }
    qsort(times, (size_t)forks, sizeof *times, compare);
    printf("%.3f\n", times[forks / 2]);
    return 0;
}
