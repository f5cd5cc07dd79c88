// SPDX-License-Identifier: MIT
// Programs write as many bytes as malloc_usable_size says, so it says the requested size, and what is
// written there is kept when the block moves. (The C library natively says more.)
// GUARDED: address: sizes as requested: 5000
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
    int same = 0, wrong = 0;
    for (size_t size = 1; size <= 5000; size++) {
        char *block = malloc(size);
        size_t usable = malloc_usable_size(block);
        same += usable == size;
        wrong += usable < size;
        memset(block, 'u', usable);
        block = realloc(block, usable + 100);
        wrong += block[0] != 'u' || block[usable - 1] != 'u';
        free(block);
    }
    printf("wrong: %d\n", wrong);
    printf("address: sizes as requested: %d\n", same);
    return 0;
}
