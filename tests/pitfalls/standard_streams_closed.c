// SPDX-License-Identifier: MIT
// A program that has closed standard streams, as a daemon may: the helper's socket gets one of their numbers,
// and still it must answer. The argument names the streams; with `few` the limit leaves the program hardly any
// descriptor besides.
// REPORT: stale read; access=read; now=live
#include "../support/temporary.h"
#include "stale.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { KEPT = 100 };

// What could not go to standard error is in a file of the working directory.
static void show_log(void) {
    char name[64], text[20000];
    snprintf(name, sizeof name, "realloc_guard.%d.log", (int)getpid());
    int log = open(name, O_RDONLY);
    ssize_t n = log < 0 ? 0 : read(log, text, sizeof text);
    write(2, text, n > 0 ? (size_t)n : 0);
    unlink(name);
}

int main(int argc, char **argv) {
    int is_few = strncmp(argv[1], "few", 3) == 0;
    const char *which = argv[1] + (is_few ? 3 : 0);
    char folder[] = "/tmp/rg-closed-" SIX_X;
    struct rlimit limit;
    mkdtemp(folder);
    chdir(folder);
    dup2(2, KEPT);
    for (int i = 0; i < 3; i++) {
        if (strchr(which, '0' + i)) {
            close(i);
        }
    }
    if (is_few) {
        getrlimit(RLIMIT_NOFILE, &limit);
        limit.rlim_cur = 8;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    char *old = make_stale(40);
    volatile char byte = *old; // HERE: read
    if (is_few) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    dup2(KEPT, 2);
    show_log();
    rmdir(folder);
    return 0;
}
