// SPDX-License-Identifier: MIT
// Misuses a pointer and then ends or goes on as the argument says: ends WAY.
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char *volatile stale;

static void make_stale(void) {
    stale = malloc(20);
    char *volatile larger = realloc(stale, 4000);
    larger[0] = 'a';
}

// From one place.
static void write_often(int times) {
    for (int i = 0; i < times; i++) {
        stale[0] = 'x';
    }
}

// A stack of its own for each depth, and so a finding.
static void write_deep(int depth) {
    stale[1] = 'y';
    dprintf(1, "%d\n", depth);
    if (depth < 100000) {
        write_deep(depth + 1);
    }
    stale[2] = 'z';
}

static void wait_for(pid_t child) {
    int status;
    waitpid(child, &status, 0);
}

static pid_t start_child(int times) {
    pid_t child = fork();
    if (child == 0) {
        write_often(times);
        exit(0);
    }
    return child;
}

// The end is quiet: nothing is written.
static void start_quiet_child(void) {
    pid_t child = fork();
    if (child == 0) {
        exit(0);
    }
    wait_for(child);
}

int main(int argc, char **argv) {
    const char *way = argc > 1 ? argv[1] : "";
    make_stale();
    if (strcmp(way, "deep") == 0) {
        write_deep(0);
    }
    write_often(5);
    if (strcmp(way, "pause") == 0) {
        puts("ready");
        fflush(stdout);
        pause();
    } else if (strcmp(way, "abort") == 0) {
        abort();
    } else if (strcmp(way, "crash") == 0) {
        raise(SIGSEGV);
    } else if (strcmp(way, "_exit") == 0) {
        _exit(3);
    } else if (strcmp(way, "exec") == 0) {
        execl(argv[0], argv[0], "second \"time\"", "\xff", (char *)NULL);
    } else if (strcmp(way, "fork") == 0) {
        wait_for(start_child(3));
        start_quiet_child();
        wait_for(start_child(2));
        write_often(1);
    } else if (strcmp(way, "vfork") == 0) {
        pid_t child = vfork();
        if (child == 0) {
            stale[3] = 'v';
            _exit(0);
        }
        wait_for(child);
        stale[4] = 'w';
    }
    return 0;
}
