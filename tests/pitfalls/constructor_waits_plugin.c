// SPDX-License-Identifier: MIT
// A plug-in whose constructor, run under the loader's lock, waits for a thread that sets a signal handler.
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static void *set_handler(void *unused) {
    (void)unused;
    signal(SIGUSR1, SIG_IGN);
    return NULL;
}

__attribute__((constructor)) static void wait_for_thread(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, set_handler, NULL);
    pthread_join(thread, NULL);
    dprintf(STDOUT_FILENO, "the constructor ends\n");
}
