// SPDX-License-Identifier: MIT
// As overrun.c, but blocks are filled to their last byte, as malloc_usable_size tells it too.
#include "doctor.h"

#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

static char *kept[100];

static void work(void) {
    for (size_t i = 0; i < 100; i++) {
        size_t n = block_size - i % 39;
        char *volatile block = (char *)(i % 2 ? malloc(n) : calloc(1, n));
        memset(block, 0, malloc_usable_size(block));
        block = (char *)realloc(block, n + i);
        memset(block, 'x', malloc_usable_size(block));
        block = (char *)realloc(block, n);
        memset(block, 'y', malloc_usable_size(block));
        if (i % 5 == 0) {
            kept[i] = block;
        } else {
            free(block);
        }
    }
    pid_t child = fork();
    if (child == 0) {
        free(kept[5]);
        _exit(3);
    }
    int status = 0;
    waitpid(child, &status, 0);
    printf("%d\n", WEXITSTATUS(status));
}
