// SPDX-License-Identifier: MIT
// Nothing is wrong here: the result of realloc is checked and stored back before the block is used
// again. Must stay silent, and the address must have changed.
// GUARDED: address: changed
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
    volatile size_t grown = 32;
    char *text = malloc(14);
    if (!text) {
        return 1;
    }
    strncpy(text, "hello, world\n", 14);
    fputs(text, stdout);

    uintptr_t before = (uintptr_t)text;
    char *larger = realloc(text, grown);
    if (!larger) {
        return 1;
    }
    text = larger;
    strncpy(text, "abcdefghijklmnopqrstuvwxyz\n", grown);
    fputs(text, stdout);
    printf("address: %s\n", (uintptr_t)text == before ? "same" : "changed");
    free(text);
    return 0;
}
