// SPDX-License-Identifier: MIT
// What dlerror has to say is the program's: libraries that the guard opens for itself, when the first thread
// is created or at the first report, must not change it.
// REPORT: stale read; access=read; now=live
#include "stale.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

static void *run(void *arg) {
    return arg;
}

static void use(char *volatile old) {
    volatile char byte = *old; // HERE: read
}

static void say(const char *when) {
    const char *error = dlerror();
    printf("%s: %s\n", when, error ? error : "nothing");
}

int main(int argc, char **argv) {
    pthread_t thread;
    char *old = make_stale(40);
    dlopen("no-such-library.so.1", RTLD_NOW);
    if (argc > 1) {
        use(old);
        say("after a report");
        dlopen("no-such-library.so.2", RTLD_NOW);
    }
    if (pthread_create(&thread, NULL, run, NULL) || pthread_join(thread, NULL)) {
        return 1;
    }
    say("after a thread");
    say("later");
    if (argc == 1) {
        use(old);
    }
    return 0;
}
