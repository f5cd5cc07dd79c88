// SPDX-License-Identifier: MIT
// A block that realloc has failed to make smaller goes on to somebody who uses it, and does not free it before the end: it is
// the result of the function that held it, is taken out of a structure, or is passed up by who could not make it larger. An
// optimized main keeps no pointer that it does not use any more.
// OPTIONS: fail_realloc='site:*failing*'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPTIMIZED __attribute__((optimize("O2"), noinline))

struct text {
    char *bytes;
    size_t size;
};

static int has_failed;

static char *make_failing(void) {
    char *block = (char *)malloc(200);
    strcpy(block, "done");
    char *smaller = (char *)realloc(block, 5);
    return smaller ? smaller : block;
}

OPTIMIZED static struct text *create(void) {
    struct text *t = (struct text *)malloc(sizeof *t);
    t->bytes = (char *)malloc(200);
    t->size = 5;
    strcpy(t->bytes, "done");
    return t;
}

OPTIMIZED static void fit_failing(struct text *t) {
    char *smaller = (char *)realloc(t->bytes, t->size);
    t->bytes = smaller ? smaller : t->bytes;
}

static char *grow_failing(char *block, size_t size) {
    char *larger = block ? (char *)realloc(block, size) : (char *)malloc(size);
    has_failed = larger == NULL;
    return larger ? larger : block;
}

OPTIMIZED static void go_on(void) {
    volatile char room[20000];
    memset((void *)room, 1, sizeof room);
}

OPTIMIZED int main(int argc, char **argv) {
    const char *way = argc > 1 ? argv[1] : "";
    if (strcmp(way, "returned") == 0) {
        puts(make_failing());
    } else if (strcmp(way, "taken") == 0) {
        struct text *t = create();
        fit_failing(t);
        char *bytes = t->bytes;
        free(t);
        puts(bytes);
    } else {
        char *block = NULL;
        for (size_t size = 100; size < 1000; size += 100) {
            block = grow_failing(block, size);
            if (has_failed) {
                break;
            }
            memset(block, 'x', size);
        }
        puts("done");
    }
    go_on();
    return 0;
}
