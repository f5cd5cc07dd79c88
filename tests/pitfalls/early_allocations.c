// SPDX-License-Identifier: MIT
// Programs allocate before any constructor of a library has run: here 1 MB of blocks, growing, from the
// first function that the loader calls at all, together with dlsym, which allocates by itself.
// Everything must be there in main. Must stay silent.
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS = 1024 };

static char *blocks[BLOCKS];
static void *found;

static void allocate_early(int argc, char **argv, char **env) {
    for (int i = 0; i < BLOCKS; i++) {
        blocks[i] = malloc(512);
        memset(blocks[i], i, 512);
        blocks[i] = realloc(blocks[i], 1024);
    }
    dlsym(RTLD_DEFAULT, "there is no such symbol");
    dlerror();
    found = dlsym(RTLD_NEXT, "qsort");
}

__attribute__((section(".preinit_array"), used)) static void (*first)(int, char **,
                                                                      char **) = allocate_early;

int main(void) {
    int wrong = 0;
    for (int i = 0; i < BLOCKS; i++) {
        wrong += blocks[i] == NULL || blocks[i][0] != (char)i || blocks[i][511] != (char)i;
        blocks[i] = realloc(blocks[i], 2000);
        wrong += blocks[i][511] != (char)i;
        free(blocks[i]);
    }
    printf("wrong blocks: %d, symbol found: %d\n", wrong, found != NULL);
    return wrong;
}
