// SPDX-License-Identifier: MIT
// Calls that do nothing, since their pointer is no live block, are no events; what realloc gives in place of such a block is.
#include "told.h"

#include <stdint.h>

int main(void) {
    char *volatile a = malloc(100);
    tell("alloc malloc %p 100\n", (void *)a);
    tell("free free %p\n", (void *)a);
    free(a);
    free(a);
    a = malloc(5000);
    tell("alloc malloc %p 5000\n", (void *)a);
    char *volatile b = realloc(a, 200000);
    tell("change realloc %p 5000 %p 200000\n", (void *)a, (void *)b);
    free(a);
    char *volatile c = realloc(a, 300);
    tell("alloc realloc %p 300\n", (void *)c);
    free(b + 16);
    return 0;
}
