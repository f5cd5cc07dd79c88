// SPDX-License-Identifier: MIT
// 10 million malloc/free pairs of random sizes with 1,000 live blocks. Prints the process's Pss in kB
// after each million; the harness requires that it stays flat. Pss, because every view of a page counts
// in VmRSS. Nothing here allocates apart from the blocks.
#include "../support/random.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LIVE = 1000, MILLIONS = 10, PER_LINE = 1000000 };

// Mostly small, now and then up to 4 KiB, seldom up to 256 KiB.
static size_t next_size(void) {
    uint64_t r = next_random();
    uint64_t most = r % 1000 == 0 ? 256 * 1024 : r % 10 == 0 ? 4096 : 512;
    return 1 + (size_t)((r >> 20) % most);
}

static long read_pss(void) {
    char text[4096];
    int fd = open("/proc/self/smaps_rollup", O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
    if (got <= 0) {
        return -1;
    }
    close(fd);
    text[got] = '\0';
    const char *line = strstr(text, "\nPss:");
    return line ? strtol(line + 5, NULL, 10) : -1;
}

int main(void) {
    static char *blocks[LIVE];
    for (int line = 0; line < MILLIONS; line++) {
        for (int i = 0; i < PER_LINE; i++) {
            char **block = &blocks[next_random() % LIVE];
            size_t size = next_size();
            free(*block);
            *block = malloc(size);
            if (!*block) {
                return 1;
            }
            (*block)[0] = 'f';
            (*block)[size - 1] = 'l';
        }
        dprintf(STDOUT_FILENO, "%ld\n", read_pss());
    }
    return 0;
}
