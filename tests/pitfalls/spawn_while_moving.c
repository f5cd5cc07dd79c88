// SPDX-License-Identifier: MIT
// vfork, posix_spawn and clone(CLONE_VM) make processes in our memory: 300 of each while another thread
// moves blocks, and one stale read in such a child. It is reported once, and the parent is not upset.
// REPORT: stale read; access=read; now=live
#include "stale.h"
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static atomic_int stop;

static void *move_blocks(void *arg) {
    char *block = NULL;
    for (size_t i = 0; !atomic_load(&stop); i++) {
        block = realloc(block, i % 4000 + 1);
        block[i % 4000] = 'x';
    }
    free(block);
    return arg;
}

static int end_with_6(void *arg) {
    (void)arg;
    _exit(6);
}

static int status_of(pid_t child) {
    int status = -1;
    waitpid(child, &status, 0);
    return status;
}

int main(void) {
    static char stack[65536];
    char *arguments[] = {"/bin/true", NULL};
    char *old = make_stale(40);
    pthread_t thread;
    int wrong = 0;
    pthread_create(&thread, NULL, move_blocks, NULL);
    for (int i = 0; i < 300; i++) {
        pid_t child = vfork();
        if (child == 0) {
            if (i == 150) {
                volatile char byte = *old; // HERE: read
            }
            _exit(7);
        }
        wrong += WEXITSTATUS(status_of(child)) != 7;
        child = clone(end_with_6, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
        wrong += WEXITSTATUS(status_of(child)) != 6;
        wrong += posix_spawn(&child, arguments[0], NULL, NULL, arguments, environ) != 0;
        wrong += status_of(child) != 0;
    }
    atomic_store(&stop, 1);
    pthread_join(thread, NULL);
    printf("wrong children: %d, system: %d\n", wrong, WEXITSTATUS(system("exit 4")));
    return 0;
}
