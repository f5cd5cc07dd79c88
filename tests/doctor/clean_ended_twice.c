// SPDX-License-Identifier: MIT
// As ended_twice.c, but each address is freed once for each block that was there.
#include "doctor.h"

static void work(void) {
    char *volatile block = (char *)malloc(block_size);
    free(block);
    block = (char *)malloc(block_size);
    free(block);
    for (size_t n = 200; n < 3000; n += 100) {
        free(malloc(n));
    }
    block = NULL;
    free(block);
}
