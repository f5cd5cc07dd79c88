// SPDX-License-Identifier: MIT
// What a tool costs where nothing is allocated: starting and ending processes, and computing.
#include "bench.h"
#include "load.h"

#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>

enum { STARTS = 300 };

uint64_t load_nothing(void) {
    return 0;
}

// Of this program, so that tools which are compiled in are started as often as those that are preloaded.
uint64_t load_starts(void) {
    char *argv[] = {"load", "nothing", NULL};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    // Not by the link in /proc, which an emulator would take for itself.
    char path[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    path[length < 0 ? 0 : length] = '\0';
    uint64_t failed = 0;
    for (int i = 0; i < STARTS; i++) {
        pid_t pid;
        int status = 1;
        if (posix_spawn(&pid, path, &actions, NULL, argv, environ) == 0) {
            waitpid(pid, &status, 0);
        }
        failed += status != 0;
    }
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

enum { CELLS = 1 << 16, SWEEPS = 4000 };

uint64_t load_compute(void) {
    static uint32_t cell[CELLS];
    uint32_t carry = 1;
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        for (unsigned i = 0; i < CELLS; i++) {
            carry = carry * 1664525 + cell[i];
            cell[i] = carry >> 3;
        }
    }
    return carry;
}
