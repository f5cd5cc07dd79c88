// SPDX-License-Identifier: MIT
// Many calls, more than the first chunks of a trace take; first it does what its argument says.
#define _GNU_SOURCE
#include "told.h"

#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum { CALLS = 60000 };

static void allocate(int count) {
    for (int i = 0; i < count; i++) {
        free(malloc(8000));
    }
}

int main(int argc, char **argv) {
    const char *first = argc > 1 ? argv[1] : "";
    allocate(CALLS / 2);
    if (strcmp(first, "close") == 0) {
        int out = dup2(1, 900);
        close_range(0, (unsigned)out - 1, 0);
        close_range((unsigned)out + 1, ~0U, 0);
        dup2(out, 1);
    } else if (strcmp(first, "elsewhere") == 0) {
        if (chdir("/") != 0) {
            return 1;
        }
    } else if (strcmp(first, "sandbox") == 0) {
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    } else if (strcmp(first, "descriptors") == 0) {
        struct rlimit few = {3, 3};
        setrlimit(RLIMIT_NOFILE, &few);
    } else if (strcmp(first, "files") == 0) {
        struct rlimit small = {300000, 300000};
        setrlimit(RLIMIT_FSIZE, &small);
    } else if (strcmp(first, "user") == 0) {
        if (setgid(65534) != 0 || setuid(65534) != 0) {
            return 1;
        }
    } else if (strcmp(first, "replace") == 0) {
        // Somebody has put another file in the trace's place.
        if (rename(argv[2], argv[3]) != 0 || symlink("/dev/null", argv[2]) != 0) {
            return 1;
        }
    }
    allocate(CALLS / 2);
    tell("made 8000 %d\n", CALLS);
    return 0;
}
