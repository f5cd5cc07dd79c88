// SPDX-License-Identifier: MIT
// A crash that has nothing to do with a realloc that failed: the thread's last one did not, or it is far from NULL.
// OPTIONS: fail_realloc='site:*failing*'
// STATUS: -11
#include "doctor.h"

static void *failing(void *block) {
    return realloc(block, 200);
}

static void work(void) {
    char *volatile far_away = (char *)0x7777777000;
    char *volatile nothing = NULL;
    void *block = malloc(100);
    void *larger = failing(block);
    block = larger ? larger : block;
    if (block_size > 1000) {
        far_away[0] = 'x';
    }
    block = realloc(block, 300);
    nothing[3] = 'x';
    free(block);
}
