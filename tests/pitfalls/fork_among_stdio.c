// SPDX-License-Identifier: MIT
// fork while other threads open and close streams, each with a buffer from malloc. Must stay silent and
// must not hang, and every child must end well.
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 2, FORKS = 300 };

static atomic_int stop;

static void *write_files(void *arg) {
    while (!atomic_load(&stop)) {
        FILE *file = fopen("/dev/null", "w");
        fprintf(file, "x");
        fclose(file);
    }
    return arg;
}

int main(void) {
    pthread_t threads[THREADS];
    int wrong = 0;
    for (int i = 0; i < THREADS; i++) {
        pthread_create(&threads[i], NULL, write_files, NULL);
    }
    for (int i = 0; i < FORKS; i++) {
        pid_t child = fork();
        if (child == 0) {
            _exit(0);
        }
        int status = 1;
        waitpid(child, &status, 0);
        wrong += status != 0;
    }
    atomic_store(&stop, 1);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    printf("wrong children: %d\n", wrong);
    return 0;
}
