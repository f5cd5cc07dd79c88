// SPDX-License-Identifier: MIT
// fork while other threads hold the allocator's locks: 8 allocating threads and 100 forks, or as many as the
// argument says. Each child must find a heap that it can use. Must stay silent and must not hang.
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 8 };

static atomic_bool stop;

static void *allocate(void *arg) {
    size_t size = (size_t)arg;
    char *block = NULL;
    while (!atomic_load(&stop)) {
        size = (size * 5 + 3) % 4000;
        block = realloc(block, size + 1);
        block[size] = 'x';
        sched_yield(); // or the forking thread hardly runs where processors are few
    }
    free(block);
    return NULL;
}

static int be_child(char *inherited) {
    char *own = malloc(5000);
    own = realloc(own, 9000);
    inherited = realloc(inherited, 200);
    int wrong = !own || !inherited || strcmp(inherited, "what the parent wrote") != 0;
    free(own);
    free(inherited);
    return wrong;
}

int main(int argc, char **argv) {
    int forks = argc > 1 ? atoi(argv[1]) : 100;
    pthread_t threads[THREADS];
    char *inherited = strdup("what the parent wrote");
    for (size_t i = 0; i < THREADS; i++) {
        pthread_create(&threads[i], NULL, allocate, (void *)i);
    }
    int wrong = 0;
    for (int i = 0; i < forks; i++) {
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
    return 0;
}
