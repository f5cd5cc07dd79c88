// SPDX-License-Identifier: MIT
// One instruction of the C library (rep movsb) copies from a stale block, or sets one, over hundreds of
// pages: it must end, with the right result, and the program go on.
// COUNT: 3
// GUARDED: address: copied: 1000000, set: 1000000
// TEXT: stale read
// TEXT: stale write
// NATIVE: undefined
#include "stale.h"
#include <stdio.h>

enum { SIZE = 1000000 };

static void copy_by_one_instruction(char *to, const char *from) {
    size_t count = SIZE;
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
}

static int count_of(const char *bytes, char byte) {
    int count = 0;
    for (int i = 0; i < SIZE; i++) {
        count += bytes[i] == byte;
    }
    return count;
}

int main(void) {
    char *copy = malloc(SIZE);
    char *block = malloc(SIZE);
    memset(block, 'a', SIZE);
    char *volatile old = block;
    block = realloc(block, 2 * SIZE);
    copy_by_one_instruction(copy, old);
    memset(old, 's', SIZE);
    int copied = count_of(copy, 'a');
    memcpy(copy, old, SIZE);
    printf("address: copied: %d, set: %d\n", copied, count_of(copy, 's'));
    return 0;
}
