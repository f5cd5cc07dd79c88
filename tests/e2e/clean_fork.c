// SPDX-License-Identifier: MIT
// Nothing is wrong here: after a fork (which way, by argument) parent and child both write, grow and
// free what they inherited. Neither may see what the other wrote. Must stay silent.
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BLOCKS = 3000 };

static char *blocks[BLOCKS];
static size_t sizes[BLOCKS];

static int count_wrong(char fill) {
    int wrong = 0;
    for (int i = 0; i < BLOCKS; i++) {
        for (size_t j = 0; j < sizes[i]; j++) {
            wrong += blocks[i][j] != fill;
        }
    }
    return wrong;
}

static void fill_all(char fill) {
    for (int i = 0; i < BLOCKS; i++) {
        memset(blocks[i], fill, sizes[i]);
    }
}

static void grow_all(void) {
    for (int i = 0; i < BLOCKS; i++) {
        char *larger = realloc(blocks[i], sizes[i] + 100);
        if (!larger) {
            exit(1);
        }
        blocks[i] = larger;
        memset(larger + sizes[i], larger[0], 100);
        sizes[i] += 100;
    }
}

static pid_t fork_by(const char *way) {
    if (strcmp(way, "_Fork") == 0) {
        return _Fork();
    }
    if (strcmp(way, "clone") == 0) {
        return (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    }
    return fork();
}

static int be_child(int wait_for_parent) {
    char token;
    int wrong = count_wrong('p');
    fill_all('c');
    grow_all();
    if (read(wait_for_parent, &token, 1) != 1) {
        return 9;
    }
    wrong += count_wrong('c');
    for (int i = 0; i < BLOCKS; i++) {
        free(blocks[i]);
    }
    return wrong != 0;
}

int main(int argc, char **argv) {
    int pipes[2];
    if (pipe(pipes)) {
        return 1;
    }
    for (int i = 0; i < BLOCKS; i++) {
        sizes[i] = i % 300 == 0 ? 70000 : 1 + (size_t)i % 3000;
        blocks[i] = malloc(sizes[i]);
        if (!blocks[i]) {
            return 1;
        }
    }
    fill_all('p');
    grow_all();
    pid_t child = fork_by(argc > 1 ? argv[1] : "fork");
    if (child == 0) {
        _exit(be_child(pipes[0]));
    }
    fill_all('q');
    grow_all();
    if (write(pipes[1], "x", 1) != 1) {
        return 1;
    }
    int status = 0;
    waitpid(child, &status, 0);
    int wrong = count_wrong('q');
    for (int i = 0; i < BLOCKS; i++) {
        free(blocks[i]);
    }
    printf("child: %d, wrong in parent: %d\n", status, wrong);
    return status || wrong;
}
