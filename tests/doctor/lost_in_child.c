// SPDX-License-Identifier: MIT
// A forked child has its own losses, and not those of its parent, which has kept its pointer; nor has the parent those of
// the child.
// OPTIONS: fail_realloc='site:*grow*'
// NATIVE: undefined
// REPORT: lost block; access=lost; allocated=allocated
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char *buffer;

static char *grow(char *block, size_t size) {
    return (char *)realloc(block, size); // HERE: lost
}

int main(void) {
    char *kept = (char *)malloc(100);
    char *larger = grow(kept, 200);
    pid_t child = fork();
    if (child == 0) {
        kept = NULL;                  // of the parent's failure the child says nothing
        buffer = (char *)malloc(300); // HERE: allocated
        buffer = grow(buffer, 400);
        exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    puts(larger ? "a block" : "no block");
    free(kept);
    return WEXITSTATUS(status);
}
