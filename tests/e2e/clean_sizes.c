// SPDX-License-Identifier: MIT
// Nothing is wrong here: blocks of many sizes grow and shrink through every size class and into large
// blocks; contents must follow, and the end of every block must be usable. Must stay silent.
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int follow(size_t from, size_t to) {
    unsigned char *block = malloc(from);
    if (!block) {
        return 1;
    }
    for (size_t i = 0; i < from; i++) {
        block[i] = (unsigned char)(i * 7 + from);
    }
    block = realloc(block, to);
    if (!block || malloc_usable_size(block) < to) {
        return 1;
    }
    size_t kept = from < to ? from : to;
    for (size_t i = 0; i < kept; i++) {
        if (block[i] != (unsigned char)(i * 7 + from)) {
            return 1;
        }
    }
    memset(block, 0x5a, to);
    free(block);
    return 0;
}

int main(void) {
    static const size_t sizes[] = {1,    8,    14,    16,    17,     24,      32,
                                   33,   100,  128,   129,   500,    1000,    1024,
                                   2048, 2049, 3000,  4095,  4096,   4097,    5000,
                                   8192, 9000, 65536, 65537, 200000, 1 << 20, 3000000};
    size_t count = sizeof(sizes) / sizeof(sizes[0]);
    int wrong = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            wrong += follow(sizes[i], sizes[j]);
        }
    }
    printf("wrong: %d\n", wrong);
    return wrong != 0;
}
