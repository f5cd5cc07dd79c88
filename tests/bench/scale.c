// SPDX-License-Identifier: MIT
// scale live|stale MOST: how the cost of an operation changes as blocks become many, from a thousand to
// MOST. Prints lines of "BLOCKS NS BYTES": how many there are, CPU time of an operation, and memory (Pss
// and page tables) of each block.
#include "bench.h"

#include <stdio.h>
#include <sys/mman.h>

enum { FIRST = 1000, OPERATIONS = 1000000 };

static void *map(size_t bytes) {
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) {
        exit(1);
    }
    // So that it does not count as memory of the blocks.
    memset(p, 1, bytes);
    memset(p, 0, bytes);
    return p;
}

static size_t random_size(uint64_t *state) {
    return 16 + next_random(state) % 112;
}

static void print(size_t blocks, double ns, long kb) {
    printf("%zu %.1f %.1f\n", blocks, ns, (double)kb * 1024 / (double)blocks);
    fflush(stdout);
}

// A thousand, three thousand, ten thousand, and so on.
static size_t more(size_t blocks) {
    size_t power = FIRST;
    while (power * 10 <= blocks) {
        power *= 10;
    }
    return blocks == power ? 3 * power : 10 * power;
}

// Operations: free of one of the live blocks, and malloc in its place.
static void run_live(size_t most) {
    uint64_t state = 1;
    char **block = map(most * sizeof *block);
    long before = memory_kb();
    size_t live = 0;
    for (size_t wanted = FIRST; wanted <= most; wanted = more(wanted)) {
        for (; live < wanted; live++) {
            block[live] = malloc(random_size(&state));
            *block[live] = 1;
        }
        long kb = memory_kb() - before;
        double begun = ns_of(CLOCK_PROCESS_CPUTIME_ID);
        for (int i = 0; i < OPERATIONS; i++) {
            char **one = &block[next_random(&state) % live];
            free(*one);
            *one = malloc(random_size(&state));
            **one = 1;
        }
        print(live, (ns_of(CLOCK_PROCESS_CPUTIME_ID) - begun) / OPERATIONS, kb);
    }
}

// Operations: realloc of one of a thousand blocks. Under the guard each leaves a stale block.
static void run_stale(size_t most) {
    enum { LIVE = 1000 };
    static char *block[LIVE];
    uint64_t state = 2;
    for (int i = 0; i < LIVE; i++) {
        block[i] = malloc(random_size(&state));
    }
    long before = memory_kb();
    size_t stale = 0;
    for (size_t wanted = FIRST; wanted <= most; wanted = more(wanted)) {
        size_t first = stale;
        double begun = ns_of(CLOCK_PROCESS_CPUTIME_ID);
        for (; stale < wanted; stale++) {
            char **one = &block[next_random(&state) % LIVE];
            *one = realloc(*one, random_size(&state));
            **one = 1;
        }
        double ns = (ns_of(CLOCK_PROCESS_CPUTIME_ID) - begun) / (double)(stale - first);
        print(stale, ns, memory_kb() - before);
    }
}

int main(int argc, char **argv) {
    if (argc != 3) {
        return 2;
    }
    (strcmp(argv[1], "live") == 0 ? run_live : run_stale)(strtoul(argv[2], NULL, 10));
    return 0;
}
