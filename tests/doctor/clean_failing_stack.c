// SPDX-License-Identifier: MIT
// A realloc that fails takes no more of the program's stack than one that does not.
// OPTIONS: fail_realloc='site:*failing*'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH = 20000, ALIKE = 512 };

// The deepest of DEPTH bytes below this function that is not what it was painted with.
__attribute__((noinline)) static size_t count_used(int is_measured) {
    volatile char room[DEPTH];
    size_t untouched = 0;
    for (size_t i = 0; i < sizeof room && !is_measured; i++) {
        room[i] = 0x5a;
    }
    while (untouched < sizeof room && room[untouched] == 0x5a) {
        untouched++;
    }
    return sizeof room - untouched;
}

__attribute__((noinline)) static char *failing(char *block) {
    return (char *)realloc(block, 50);
}

__attribute__((noinline)) static char *succeeding(char *block) {
    return (char *)realloc(block, 50);
}

// The most of some calls: the first ones find out what later ones know.
static size_t measure(char *(*call)(char *)) {
    size_t most = 0;
    for (int i = 0; i < 3; i++) {
        char *block = (char *)malloc(100);
        count_used(0);
        char *smaller = call(block);
        size_t used = count_used(1);
        most = used > most ? used : most;
        free(smaller ? smaller : block);
    }
    return most;
}

int main(void) {
    size_t most = measure(succeeding) + ALIKE, used = measure(failing);
    if (used > most) {
        printf("%zu bytes instead of %zu\n", used, most);
    }
    puts("done");
    return 0;
}
