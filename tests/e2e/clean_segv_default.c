// SPDX-License-Identifier: MIT
// Nothing the guard should mention: a null pointer is written through and nothing handles it. Must die
// of SIGSEGV as without the guard.
// STATUS: -11
#include <stdio.h>
#include <stdlib.h>

int main(void) {
    char *volatile null = NULL;
    free(malloc(10));
    puts("about to fall");
    fflush(stdout);
    *null = 'x';
    return 0;
}
