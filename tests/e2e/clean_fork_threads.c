// SPDX-License-Identifier: MIT
// Nothing is wrong here: one thread forks again and again while others allocate. Every child must find
// the heap usable and its own blocks intact. Must stay silent and must not hang.
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 3, FORKS = 50 };

static atomic_bool stop;

static void *churn(void *arg) {
    size_t size = 16 + (size_t)arg;
    char *block = NULL;
    while (!atomic_load(&stop)) {
        size = (size * 5 + 3) % 4000;
        block = realloc(block, size + 1);
        if (!block) {
            abort();
        }
        block[size] = 'x';
    }
    free(block);
    return NULL;
}

static int be_child(const char *inherited) {
    char *copy = strdup(inherited);
    if (!copy) {
        return 1;
    }
    copy = realloc(copy, 3000);
    int wrong = !copy || strcmp(copy, inherited) != 0;
    free(copy);
    return wrong;
}

int main(void) {
    pthread_t threads[THREADS];
    char *inherited = strdup("what the parent wrote");
    for (size_t i = 0; i < THREADS; i++) {
        if (pthread_create(&threads[i], NULL, churn, (void *)i)) {
            return 1;
        }
    }
    int wrong = 0;
    for (int i = 0; i < FORKS; i++) {
        pid_t child = fork();
        if (child == 0) {
            _exit(be_child(inherited));
        }
        int status = 1;
        waitpid(child, &status, 0);
        wrong += status != 0;
    }
    atomic_store(&stop, true);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    printf("wrong children: %d\n", wrong);
    free(inherited);
    return wrong != 0;
}
