// SPDX-License-Identifier: MIT
// Standard error is a pipe that is full, and nobody reads it: a report may not wait for ever, with the program's
// signals blocked. What is lost is counted where there is room again. The argument is how the pipe writes.
// COUNT: 1
// TEXT: ^==\d+== realloc_guard: \d\d lines of reports are lost here\n==\d+== stale write
// TEXT: \n==\d+== realloc_guard: 2 misuses reported
// TEXT: \n==\d+== realloc_guard: \d\d lines of reports could not be written and are lost\n
#include "stale.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char buffer[1 << 20];

static void note_alarm(int number) {
    (void)number;
}

static void fill(int fd) {
    fcntl(fd, F_SETFL, O_NONBLOCK);
    for (size_t size = sizeof buffer; size > 0; size /= 2) {
        while (write(fd, buffer, size) > 0) {
        }
    }
}

int main(int argc, char **argv) {
    int ends[2], standard_error = dup(2);
    pipe(ends);
    fill(ends[1]);
    if (strcmp(argv[1], "blocking") == 0) {
        // What would be waited for long is given up once a signal waits.
        fcntl(ends[1], F_SETFL, 0);
        alarm(1);
    }
    dup2(ends[1], 2);
    close(ends[1]);
    signal(SIGALRM, note_alarm);
    volatile char *old = make_stale(40);
    volatile char byte = *old;
    puts("went on");
    read(ends[0], buffer, sizeof buffer);
    *old = 'x';
    dup2(standard_error, 2);
    write(2, buffer, read(ends[0], buffer, sizeof buffer));
    return 0;
}
