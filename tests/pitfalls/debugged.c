// SPDX-License-Identifier: MIT
// Debuggers and tracers work on a guarded program. It allocates, moves, frees, and forks;
// check_debuggers.py looks at it from outside. With MISUSE in its environment it reads through a stale
// pointer before.
#include "stale.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void misuse(void) {
    int answer = 42;
    char *old = make_stale(100);
    volatile char byte = old[answer];
}

int main(void) {
    if (getenv("MISUSE")) {
        misuse();
    }
    char *block = NULL;
    for (size_t i = 1; i < 2000; i++) {
        block = realloc(block, i * 7 % 4000 + 1);
        block[0] = 'x';
    }
    pid_t child = fork();
    if (child == 0) {
        free(realloc(block, 10000));
        _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    printf("clean: child %d\n", status);
    puts("clean: end");
    free(block);
    return 0;
}
