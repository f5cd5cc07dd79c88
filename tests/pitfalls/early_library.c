// SPDX-License-Identifier: MIT
// A library that the program is linked with. The loader runs its constructor before those of preloaded
// libraries. What happens in it is told in early_library_blocks.c and early_library_fork.c.
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *early_block;
struct sigaction early_action;
static char *written_before_fork;

static void on_fault(int signal) {
    (void)signal;
    static const char text[] = "the early handler\n";
    _exit(write(1, text, sizeof(text) - 1) < 0);
}

static void prepare(void) {
    written_before_fork = malloc(64);
    strcpy(written_before_fork, "written before fork");
}

const char *early_written(void) {
    return written_before_fork;
}

__attribute__((constructor)) static void set_up(void) {
    early_block = malloc(65536);
    memset(early_block, 'e', 65536);
    pthread_atfork(prepare, NULL, NULL);
    if (getenv("EARLY_HANDLER")) {
        signal(SIGSEGV, on_fault);
    }
}

__attribute__((destructor)) static void tear_down(void) {
    static const char text[] = "the early library's destructor\n";
    if (write(1, text, sizeof(text) - 1) < 0) {
        abort();
    }
}
