// SPDX-License-Identifier: MIT
// Sizes that come of a subtraction that went below zero, and of a multiplication that does not fit. The calls fail as
// they do without the guard.
// OPTIONS: impossible_size=1
// REPORT: impossible realloc; access=negative; allocated=allocated
// REPORT: impossible realloc; access=many; allocated=allocated
// TEXT: asks for \d+ bytes, which is -3 as a signed number\n
// TEXT: asks for 6148914691236517206 times \d+ bytes, more than a size can tell\n
#include "doctor.h"

static void work(void) {
    volatile size_t used = 4, wanted = 1;
    char *block = (char *)malloc(block_size);             // HERE: allocated
    char *larger = (char *)realloc(block, wanted - used); // HERE: negative
    printf("negative: %s\n", larger ? "a block" : "refused");
    volatile size_t count = SIZE_MAX / 3 + 1;
    larger = (char *)reallocarray(block, count, block_size); // HERE: many
    printf("many: %s\n", larger ? "a block" : "refused");
    block[3] = 'x';
    free(block);
}
