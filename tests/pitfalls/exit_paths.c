// SPDX-License-Identifier: MIT
// However a program that did nothing wrong ends, its status is its own. The argument says how: _exit,
// abort, quick_exit, a signal, another program by execve, exit with memory freed in the last moment by
// atexit and thread destructors, or the last thread's pthread_exit. Must stay silent.
// ENDS: _exit 5
// ENDS: abort -6
// ENDS: quick_exit 7
// ENDS: killed -9
// ENDS: terminated -15
// ENDS: execve 9
// ENDS: exit 8
// ENDS: pthread_exit 0
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *kept;
static pthread_key_t key;
static int rounds;

static void free_kept(void) {
    kept = realloc(kept, 10000);
    free(kept);
    printf("atexit, rounds of destructors: %d\n", rounds);
}

// Sets the key anew until the last round there is.
static void on_thread_end(void *block) {
    rounds++;
    free(block);
    pthread_setspecific(key, malloc(100));
}

static void *run(void *arg) {
    pthread_setspecific(key, realloc(malloc(10), 1000));
    return arg;
}

int main(int argc, char **argv) {
    const char *way = argv[1];
    pthread_t thread;
    kept = realloc(strdup("kept"), 5000);
    pthread_key_create(&key, on_thread_end);
    pthread_create(&thread, NULL, run, NULL);
    pthread_join(thread, NULL);
    atexit(free_kept);
    puts(way);
    fflush(stdout);
    if (strcmp(way, "_exit") == 0) {
        _exit(5);
    } else if (strcmp(way, "abort") == 0) {
        abort();
    } else if (strcmp(way, "quick_exit") == 0) {
        quick_exit(7);
    } else if (strcmp(way, "killed") == 0) {
        kill(getpid(), SIGKILL);
    } else if (strcmp(way, "terminated") == 0) {
        raise(SIGTERM);
    } else if (strcmp(way, "execve") == 0) {
        execl("/bin/sh", "sh", "-c", "exit 9", NULL);
    } else if (strcmp(way, "pthread_exit") == 0) {
        pthread_exit(NULL);
    }
    exit(8);
}
