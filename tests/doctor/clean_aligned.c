// SPDX-License-Identifier: MIT
// As aligned.c, but the aligned blocks are not resized.
// OPTIONS: mismatch=1
#include "doctor.h"

#include <malloc.h>

static void work(void) {
    void *block = NULL;
    if (posix_memalign(&block, 4096, block_size) == 0) {
        free(block);
    }
    block = memalign(16, block_size);
    block = realloc(block, 2 * block_size);
    free(block);
    free(aligned_alloc(256, 1024));
}
