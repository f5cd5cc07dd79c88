// SPDX-License-Identifier: MIT
// stale_blocks STALE SAMPLE: leaves STALE stale blocks behind and reads SAMPLE random ones of them, each on the
// source line of the realloc that moved it. Blocks of many sizes come, move and go at random among 2,000 live
// ones. Prints the bytes (Pss and page tables) that each stale block of the second half has cost, and how many
// mappings there are.
#include "../support/random.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LIVE = 2000, SAMPLE_MAX = 10000 };

// Of one place: what moves blocks, and what uses them afterwards. Both stand on one line.
#define PLACE(n)                                                                                   \
    static __attribute__((noinline)) char *move_##n(char *p, size_t size) {                        \
        p = realloc(p, size);                                                                      \
        *p = (n);                                                                                  \
        return p;                                                                                  \
    }                                                                                              \
    static __attribute__((noinline)) char read_##n(const volatile char *p) {                       \
        char c = *p;                                                                               \
        return c;                                                                                  \
    }
PLACE(0)
PLACE(1)
PLACE(2)
PLACE(3)
PLACE(4)
PLACE(5)
PLACE(6)
PLACE(7)

enum { PLACES = 8 };

static char *(*const move_at[PLACES])(char *, size_t) = {move_0, move_1, move_2, move_3,
                                                         move_4, move_5, move_6, move_7};
static char (*const read_at[PLACES])(const volatile char *) = {read_0, read_1, read_2, read_3,
                                                               read_4, read_5, read_6, read_7};

static char *live[LIVE];

// The stale blocks that will be read: any of those so far, with the same likelihood.
static struct {
    const char *address;
    unsigned place;
} sample[SAMPLE_MAX];
static size_t sample_size;

static size_t any_size(void) {
    uint64_t r = next_random();
    return r % 500 == 0 ? 1 + (r >> 20) % 20000 : 1 + (r >> 20) % ((uint64_t)16 << r % 7);
}

static void note_stale(size_t number, const char *address, unsigned place) {
    size_t at = number < sample_size ? number : next_random() % (number + 1);
    if (at < sample_size) {
        sample[at].address = address;
        sample[at].place = place;
    }
}

static void leave_stale(size_t from, size_t to) {
    while (from < to) {
        char **block = &live[next_random() % LIVE];
        if (next_random() % 4 == 0) {
            free(*block);
            *block = malloc(any_size());
            continue;
        }
        unsigned place = (unsigned)(next_random() % PLACES);
        const char *old = *block;
        *block = move_at[place](*block, any_size());
        if (old && *block != old) {
            note_stale(from++, old, place);
        }
    }
}

static long number_after(const char *path, const char *name) {
    static char text[8192];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
    close(fd);
    text[got > 0 ? got : 0] = '\0';
    const char *line = strstr(text, name);
    return line ? strtol(line + strlen(name), NULL, 10) : 0;
}

static long memory_kb(void) {
    return number_after("/proc/self/smaps_rollup", "\nPss:") +
           number_after("/proc/self/status", "\nVmPTE:");
}

static size_t count_mappings(void) {
    static char text[65536];
    size_t lines = 0;
    ssize_t got;
    int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    while ((got = read(fd, text, sizeof text)) > 0) {
        for (ssize_t i = 0; i < got; i++) {
            lines += text[i] == '\n';
        }
    }
    close(fd);
    return lines;
}

int main(int argc, char **argv) {
    size_t stale = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;
    sample_size = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
    if (stale < sample_size || sample_size > SAMPLE_MAX) {
        return 2;
    }
    leave_stale(0, stale / 2);
    long before = memory_kb();
    leave_stale(stale / 2, stale);
    double bytes = (double)(memory_kb() - before) * 1024 / (double)(stale - stale / 2);
    size_t mappings = count_mappings();
    for (size_t i = 0; i < sample_size; i++) {
        read_at[sample[i].place](sample[i].address);
    }
    printf("bytes=%.1f mappings=%zu\n", bytes, mappings);
    return 0;
}
