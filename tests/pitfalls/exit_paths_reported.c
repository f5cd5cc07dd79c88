// SPDX-License-Identifier: MIT
// However a program ends after a stale read, the report is there. The argument says how; what ends by
// _exit, or the parent of daemon, gets the guard's status and the summary, and what ends otherwise its own.
// ENDS: _exit 86
// ENDS: quick_exit 86
// ENDS: daemon 86
// SAYS: _exit realloc_guard: 1 misuse reported
// SAYS: quick_exit realloc_guard: 1 misuse reported
// SAYS: daemon realloc_guard: 1 misuse reported
// ENDS: abort -6
// ENDS: killed -9
// ENDS: terminated -15
// ENDS: execve 9
// REPORT: stale read; access=read; now=live
#include "stale.h"
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int to_null(int fd) {
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode);
}

static void leave_to_daemon(void) {
    char folder[PATH_MAX] = "";
    int output = dup(1);
    int result = daemon(0, 0);
    getcwd(folder, sizeof folder);
    dprintf(output, "%d, in %s, leads the session: %d, streams to /dev/null: %d %d %d\n", result,
            folder, getsid(0) == getpid(), to_null(0), to_null(1), to_null(2));
}

int main(int argc, char **argv) {
    const char *way = argv[1];
    char *old = make_stale(40);
    volatile char byte = *old; // HERE: read
    puts(way);
    fflush(stdout);
    if (strcmp(way, "abort") == 0) {
        abort();
    } else if (strcmp(way, "daemon") == 0) {
        leave_to_daemon();
    } else if (strcmp(way, "quick_exit") == 0) {
        quick_exit(0);
    } else if (strcmp(way, "killed") == 0) {
        kill(getpid(), SIGKILL);
    } else if (strcmp(way, "terminated") == 0) {
        raise(SIGTERM);
    } else if (strcmp(way, "execve") == 0) {
        execl("/bin/sh", "sh", "-c", "exit 9", NULL);
    }
    _exit(0);
}
