// SPDX-License-Identifier: MIT
// A program that lists its descriptors (/proc/self/fd) or counts on the next free number sees none of the
// guard's, also in a child. Must stay silent.
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void list(const char *who) {
    struct dirent *entry;
    DIR *folder = opendir("/proc/self/fd");
    int count = 0, highest = 0;
    while ((entry = readdir(folder))) {
        int fd = atoi(entry->d_name);
        count++;
        highest = fd > highest ? fd : highest;
    }
    closedir(folder);
    int next = open("/dev/null", O_RDONLY);
    printf("%s: %d entries, highest %d, next %d\n", who, count, highest, next);
    fflush(stdout);
    close(next);
}

int main(void) {
    free(realloc(malloc(100), 5000));
    list("parent");
    pid_t child = fork();
    if (child == 0) {
        free(realloc(malloc(100), 5000));
        list("child");
        _exit(0);
    }
    waitpid(child, NULL, 0);
    return 0;
}
