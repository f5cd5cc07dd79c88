// SPDX-License-Identifier: MIT
// With a limit on the size of files (ulimit -f) only a write past it may raise SIGXFSZ: the copy of
// the heap that a fork makes is no file of the program's. Nor is a descriptor used that the program does
// not have left (ulimit -n). Must stay silent.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void fork_and_look(const char *what, char *block) {
    pid_t child = fork();
    if (child == 0) {
        _exit(strcmp(block, "parent") == 0 && strcpy(block, "child") && malloc(100) ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    printf("%s: child %d, parent's block %s\n", what, status, block);
}

int main(void) {
    struct rlimit size = {0, RLIM_INFINITY}, files = {3, 3};
    char *block = strdup("parent");
    free(realloc(malloc(100), 200));
    if (setrlimit(RLIMIT_FSIZE, &size)) {
        return 1;
    }
    fork_and_look("no file may grow", block);
    size.rlim_cur = RLIM_INFINITY;
    // Standard error and the two before it stay open.
    if (setrlimit(RLIMIT_FSIZE, &size) || setrlimit(RLIMIT_NOFILE, &files)) {
        return 1;
    }
    printf("a further descriptor: %d\n", open("/dev/null", O_RDONLY));
    fork_and_look("no descriptor is left", block);
    return 0;
}
