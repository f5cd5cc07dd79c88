// SPDX-License-Identifier: MIT
// Nothing is wrong here: it forks when all handlers of exit and all destructors have run, in the last flush of a stream.
// The child's heap must be in order, and no lock may be left in the parent. Must stay silent.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static ssize_t fork_in_write(void *cookie, const char *data, size_t len) {
    (void)cookie, (void)data;
    int status = 0;
    void *volatile block = malloc(100);
    pid_t pid = fork();
    block = realloc(block, 100000);
    memset(block, 1, 100000);
    free(block);
    if (pid == 0) {
        _exit(7);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ||
        WEXITSTATUS(status) != 7) {
        static const char said[] = "the child of the late fork has failed\n";
        (void)!write(STDERR_FILENO, said, sizeof said - 1);
        _exit(1);
    }
    return (ssize_t)len;
}

int main(void) {
    FILE *stream = fopencookie(NULL, "w", (cookie_io_functions_t){.write = fork_in_write});
    return !stream || fputs("left in the buffer", stream) < 0;
}
