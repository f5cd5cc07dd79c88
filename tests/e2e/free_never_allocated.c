// SPDX-License-Identifier: MIT
// free is given an address that no allocation function ever returned (which one, by argument). Must be
// reported, and the program goes on.
// NATIVE: undefined
// REPORT: free unknown; access=free
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char in_static[64];

int main(int argc, char **argv) {
    char on_stack[64] = "on the stack";
    void *volatile pointer = (void *)(uintptr_t)0x123456789000;
    if (argc > 1 && strcmp(argv[1], "stack") == 0) {
        pointer = on_stack + 16;
    } else if (argc > 1 && strcmp(argv[1], "static") == 0) {
        pointer = in_static + 16;
    }
    free(pointer); // HERE: free
    puts("went on");
    return 0;
}
