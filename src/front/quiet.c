// SPDX-License-Identifier: MIT
// See quiet.h. No state.
#include "front/quiet.h"

#include "base/sys.h"

#include <string.h>
#include <time.h>

enum { WAITS_MOST = 50 }; // milliseconds

// What /proc/self/stat has behind the name is the third field; the number of threads is the twentieth.
static long count_threads(void) {
    char text[1024];
    long count = 0;
    if (!rg_may_open() || rg_read_file("/proc/self/stat", text, sizeof text) <= 0) {
        return 0;
    }
    const char *s = strrchr(text, ')');
    for (int field = 2; s && field < 20; field++) {
        s = strchr(s + 1, ' ');
    }
    for (s = s ? s + 1 : ""; *s >= '0' && *s <= '9'; s++) {
        count = count * 10 + (*s - '0');
    }
    return count;
}

// A thread that has been joined may take a moment to be gone.
long rg_quiet_threads(void) {
    long n = count_threads();
    for (int waits = 0; n > 1 && waits < WAITS_MOST; waits++) {
        struct timespec moment = {0, 1000000};
        rg_sys2(SYS_nanosleep, (long)&moment, 0);
        n = count_threads();
    }
    return n;
}

uint64_t rg_quiet_signals(void) {
    uint64_t signals = 0;
    return rg_sys2(SYS_rt_sigpending, (long)&signals, sizeof signals) == 0 ? signals : ~0UL;
}
