// SPDX-License-Identifier: MIT
// _Fork in signal handlers of several threads at once, which interrupt them anywhere in realloc: no thread
// may hold one of our locks then. Must stay silent and end.
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 3, ROUNDS = 100 };

static atomic_int handled;

static void on_signal(int sig) {
    (void)sig;
    pid_t pid = _Fork();
    if (pid == 0) {
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    handled++;
}

static void *move(void *size_of_block) {
    size_t size = (size_t)size_of_block;
    char *block = malloc(size);
    for (size_t i = 0;; i++) {
        block = realloc(block, size + i % 64);
    }
    return block;
}

int main(void) {
    pthread_t thread[THREADS];
    signal(SIGUSR1, on_signal);
    for (size_t i = 0; i < THREADS; i++) {
        pthread_create(&thread[i], NULL, move, (void *)(100 + i * 300));
    }
    for (int round = 1; round <= ROUNDS; round++) {
        for (int i = 0; i < THREADS; i++) {
            pthread_kill(thread[i], SIGUSR1);
        }
        while (handled < round * THREADS) {
            sched_yield();
        }
    }
    dprintf(STDOUT_FILENO, "handled: %d\n", handled);
    _exit(0);
}
