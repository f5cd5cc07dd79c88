// SPDX-License-Identifier: MIT
// One short run of what locks can go wrong in: threads allocate while two of them fork, and the children
// allocate, start a thread and end. The argument, a number, varies it. watchdog.py runs it many times.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ALLOCATING = 3, FORKING = 2, FORKS = 4, ROUNDS = 300 };

static unsigned seed;

static void use_heap(unsigned first, int rounds) {
    unsigned size = first;
    char *block = NULL;
    for (int i = 0; i < rounds; i++) {
        size = (size * 1103 + 12345) % (i % 16 == 0 ? 70000 : 3000);
        block = realloc(block, size + 1);
        block[size] = 'x';
        free(strdup("a block for a moment"));
    }
    free(block);
}

static void *allocate(void *number) {
    use_heap(seed + (unsigned)(size_t)number, ROUNDS);
    return NULL;
}

static void be_child(void) {
    pthread_t thread;
    use_heap(seed, ROUNDS / 10);
    if (pthread_create(&thread, NULL, allocate, NULL) == 0) {
        pthread_join(thread, NULL);
    }
    exit(0);
}

static void *fork_often(void *wrong) {
    for (int i = 0; i < FORKS; i++) {
        use_heap(seed, (int)(seed % 5));
        pid_t child = fork();
        if (child == 0) {
            be_child();
        }
        int status = 1;
        waitpid(child, &status, 0);
        *(int *)wrong += status != 0;
    }
    return NULL;
}

int main(int argc, char **argv) {
    pthread_t threads[ALLOCATING + FORKING];
    int wrong[FORKING] = {0};
    seed = argc > 1 ? (unsigned)atoi(argv[1]) : 0;
    for (size_t i = 0; i < ALLOCATING; i++) {
        pthread_create(&threads[i], NULL, allocate, (void *)i);
    }
    for (int i = 0; i < FORKING; i++) {
        pthread_create(&threads[ALLOCATING + i], NULL, fork_often, &wrong[i]);
    }
    for (int i = 0; i < ALLOCATING + FORKING; i++) {
        pthread_join(threads[i], NULL);
    }
    printf("wrong children: %d\n", wrong[0] + wrong[1]);
    return 0;
}
