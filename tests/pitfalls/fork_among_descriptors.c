// SPDX-License-Identifier: MIT
// While one thread forks, another closes all descriptors that it does not know, as daemons do, and opens a
// file: nothing but its own data may get into that. Must stay silent.
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BLOCKS = 100000, FORKS = 60 };

static _Atomic int done, spoilt;

static void *open_files(void *path) {
    while (!done) {
        struct stat data;
        syscall(SYS_close_range, 3, ~0U, 0);
        int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
        for (volatile int i = 0; i < 2000; i++) {
        }
        spoilt += fstat(fd, &data) != 0 || data.st_size != 0;
        close(fd);
    }
    return NULL;
}

int main(void) {
    pthread_t thread;
    char path[64];
    snprintf(path, sizeof path, "/tmp/rg-descriptors-%d", getpid());
    for (int i = 0; i < BLOCKS; i++) {
        *(volatile char *)malloc(64) = 1;
    }
    if (pthread_create(&thread, NULL, open_files, path)) {
        return 1;
    }
    for (int i = 0; i < FORKS; i++) {
        pid_t child = fork();
        if (child == 0) {
            _exit(0);
        }
        waitpid(child, NULL, 0);
    }
    done = 1;
    pthread_join(thread, NULL);
    unlink(path);
    printf("files spoilt: %d\n", spoilt);
    return 0;
}
