// SPDX-License-Identifier: MIT
// A program that gives itself narrow limits, or gives up what it might do, after its start. It goes on as
// without the guard, and its one stale read is reported.
// COUNT: 1
// TEXT: stale read: \S+ uses a pointer that realloc moved away from at
// SAYS: processes (?m)^==\d+== realloc_guard: the helper that looks up source lines could not be started; reports show functions and offsets$
#include "stale.h"
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534, MB = 1 << 20, BLOCKS = 2000 };

static int limit(int resource, rlim_t value) {
    struct rlimit limit = {value, value};
    return setrlimit(resource, &limit);
}

// Root is above some limits.
static void leave_root(void) {
    if (getuid() == 0 && setresuid(NOBODY, NOBODY, NOBODY) != 0) {
        _exit(1);
    }
}

static int narrow(const char *what) {
    if (strcmp(what, "processes") == 0) {
        leave_root();
        return limit(RLIMIT_NPROC, 0);
    }
    if (strcmp(what, "locked") == 0) {
        leave_root();
        return mlockall(MCL_FUTURE);
    }
    return strcmp(what, "descriptors") == 0  ? limit(RLIMIT_NOFILE, 10)
           : strcmp(what, "address") == 0    ? limit(RLIMIT_AS, 200 * MB)
           : strcmp(what, "data") == 0       ? limit(RLIMIT_DATA, 100 * MB)
           : strcmp(what, "files") == 0      ? limit(RLIMIT_FSIZE, 0)
           : strcmp(what, "dumpable") == 0   ? prctl(PR_SET_DUMPABLE, 0)
           : strcmp(what, "privileges") == 0 ? prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
           : strcmp(what, "huge_pages") == 0 ? prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0)
                                             : -1;
}

static int use_blocks(void) {
    int good = 0;
    for (size_t i = 0; i < BLOCKS; i++) {
        char *block = malloc(i + 1);
        block[i] = (char)i;
        block = realloc(block, 2 * i + 10);
        good += block[i] == (char)i;
        if (i % 2) {
            free(block);
        }
    }
    return good;
}

static void *run(void *unused) {
    printf("blocks of a thread: %d\n", use_blocks());
    return unused;
}

static int use_stale(char *block) {
    char *volatile old = block;
    char *now = realloc(block, 200);
    volatile char byte = old[1];
    free(now);
    return 0;
}

int main(int argc, char **argv) {
    pthread_t thread;
    char *early = malloc(100);
    printf("%s: %d\n", argv[1], narrow(argv[1]));
    printf("blocks: %d\n", use_blocks());
    if (pthread_create(&thread, NULL, run, NULL) == 0) {
        pthread_join(thread, NULL);
    }
    if (strcmp(argv[1], "locked") == 0) {
        return use_stale(early); // what it may lock is soon used up
    }
    char *large = realloc(malloc(2 * MB), 5 * MB);
    printf("large: %d\n", large != NULL);
    free(large);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        printf("blocks of a child: %d\n", use_blocks());
        return 0;
    }
    wait(NULL);
    printf("child: %d\n", child > 0);
    return use_stale(early);
}
