// SPDX-License-Identifier: MIT
// However a program ends after a stale read, the report is there. The argument says how; what ends by exit
// or _exit gets the guard's status, and what ends otherwise its own.
// ENDS: _exit 86
// ENDS: abort -6
// ENDS: killed -9
// ENDS: terminated -15
// ENDS: execve 9
// REPORT: stale read; access=read; now=live
#include "stale.h"
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv) {
    const char *way = argv[1];
    char *old = make_stale(40);
    volatile char byte = *old; // HERE: read
    puts(way);
    fflush(stdout);
    if (strcmp(way, "abort") == 0) {
        abort();
    } else if (strcmp(way, "killed") == 0) {
        kill(getpid(), SIGKILL);
    } else if (strcmp(way, "terminated") == 0) {
        raise(SIGTERM);
    } else if (strcmp(way, "execve") == 0) {
        execl("/bin/sh", "sh", "-c", "exit 9", NULL);
    }
    _exit(0);
}
