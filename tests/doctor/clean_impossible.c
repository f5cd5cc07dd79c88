// SPDX-License-Identifier: MIT
// The program is prepared for the refusal, and the option is off.
#include "doctor.h"

static void work(void) {
    volatile size_t count = SIZE_MAX / 3 + 1;
    char *block = (char *)malloc(block_size);
    char *larger = (char *)reallocarray(block, count, block_size);
    printf("many: %s\n", larger ? "a block" : "refused");
    larger = (char *)realloc(block, count * 2);
    printf("half of all: %s\n", larger ? "a block" : "refused");
    block = (char *)reallocarray(block, 3, block_size);
    block[3] = 'x';
    free(block);
}
