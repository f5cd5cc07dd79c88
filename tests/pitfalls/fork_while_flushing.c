// SPDX-License-Identifier: MIT
// fork while other threads hold the locks of streams and allocate: one flushes all streams, one reads lines
// and grows its buffer. fork takes the lock of the list of streams too. Must stay silent and end.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FORKS = 300, LINES = 200 };

static FILE *file;

static void *read_lines(void *unused) {
    (void)unused;
    for (;;) {
        char *line = NULL;
        size_t size = 0;
        rewind(file);
        while (getline(&line, &size, file) > 0) {
        }
        free(line);
    }
    return NULL;
}

static void *flush_all(void *unused) {
    (void)unused;
    for (;;) {
        fflush(NULL);
    }
    return NULL;
}

int main(void) {
    pthread_t thread;
    file = tmpfile();
    for (int i = 1; i < LINES; i++) {
        fprintf(file, "%*s\n", i * 50, "end");
    }
    fflush(file);
    pthread_create(&thread, NULL, read_lines, NULL);
    pthread_create(&thread, NULL, flush_all, NULL);
    int wrong = 0;
    for (int i = 0; i < FORKS; i++) {
        int status = 1;
        pid_t pid = fork();
        if (pid == 0) {
            _exit(0);
        }
        waitpid(pid, &status, 0);
        wrong += status != 0;
    }
    // Not through a stream, not even dprintf's: the other thread flushes those too.
    const char *text = wrong ? "some children failed\n" : "all children ended well\n";
    _exit(write(STDOUT_FILENO, text, strlen(text)) < 0);
}
