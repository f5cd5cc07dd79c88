// SPDX-License-Identifier: MIT
// A misuse of each kind in a function of its own, for check_suppressions.py: suppressed [fork | exec | lost]
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int realloc_guard_find_lost(void) __attribute__((weak));

static char *volatile block, *volatile other;

static void write_old(char *old) {
    old[3] = 'x';
}

static int read_old(const char *old) {
    return old[4];
}

static inline __attribute__((always_inline)) int middle(const char *old) {
    return read_old(old);
}

static int outer(const char *old) {
    return middle(old);
}

static void free_old(char *old) {
    free(old);
}

static char *make_block(size_t size) {
    return calloc(1, size);
}

static void end_block(void) {
    free(other);
}

static void misuse(void) {
    char *old = make_block(40);
    block = realloc(old, 400);
    for (int i = 0; i < 3; i++) {
        for (int k = 0; k < 2; k++) {
            write_old(old);
        }
        outer(old);
    }
    free_old(old);
    other = make_block(10);
    other[10] = 'x';
    end_block();
}

// The result of a realloc that fails overwrites the only pointer.
static void lose(void) {
    block = malloc(50);
    block = realloc(block, 500);
    printf("lost %d\n", realloc_guard_find_lost());
}

static void run_child(void) {
    int status = 0;
    if (fork() == 0) {
        misuse();
        exit(0);
    }
    wait(&status);
    printf("child %d\n", WEXITSTATUS(status));
}

int main(int argc, char **argv) {
    const char *way = argc > 1 ? argv[1] : "";
    if (!strcmp(way, "lost")) {
        lose();
        return 0;
    }
    misuse();
    if (!strcmp(way, "fork")) {
        run_child();
    }
    if (!strcmp(way, "exec")) {
        execl(argv[0], argv[0], "executed", NULL);
    }
    puts("done");
    return 0;
}
