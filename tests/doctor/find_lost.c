// SPDX-License-Identifier: MIT
// The program asks for what is lost so far, and is told once: of two blocks that a global variable, a structure or a variable
// of main held. At the end nothing is told again.
// OPTIONS: fail_realloc='site:*failing*'
// REPORT: lost block; access=lost; allocated=allocated
// TEXT: 1 misuse reported \(2 occurrences\)
#include "../../src/realloc_guard.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct vector {
    char *items;
};

static char *global;

static void *allocate(void) {
    return malloc(100); // HERE: allocated
}

static void grow_failing(char **p) {
    *p = (char *)realloc(*p, 200); // HERE: lost
}

static void expect(int lost, const char *when) {
    errno = ENOTDIR;
    int answer = realloc_guard_find_lost ? realloc_guard_find_lost() : lost;
    if (answer != lost || errno != ENOTDIR) {
        printf("%s: %d, errno %d\n", when, answer, errno);
    }
}

int main(int argc, char **argv) {
    const char *way = argc > 1 ? argv[1] : "";
    char *variable = NULL;
    struct vector *v = (struct vector *)malloc(sizeof *v);
    char **holder = strcmp(way, "global") == 0   ? &global
                    : strcmp(way, "member") == 0 ? &v->items
                                                 : &variable;
    expect(0, "at first");
    for (int i = 0; i < 2; i++) {
        *holder = (char *)allocate();
        grow_failing(holder);
        expect(1, "after a loss");
        expect(0, "again");
    }
    free(v);
    puts("done");
    return 0;
}
