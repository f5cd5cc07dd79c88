// SPDX-License-Identifier: MIT
// A library that the program is linked with. Its constructor runs before that of preloaded libraries, and
// before anything has been allocated. What becomes of its handler is told in early_handler.c.
#include <signal.h>
#include <unistd.h>

int early_handler_is_set;

static void on_fault(int signal) {
    static const char text[] = "the early handler\n";
    (void)signal;
    _exit(write(1, text, sizeof(text) - 1) < 0);
}

__attribute__((constructor)) static void set_up(void) {
    struct sigaction action = {.sa_handler = on_fault};
    sigemptyset(&action.sa_mask);
    early_handler_is_set = sigaction(SIGSEGV, &action, NULL) == 0;
    sigaddset(&action.sa_mask, SIGSEGV);
    sigaddset(&action.sa_mask, SIGTRAP);
    sigprocmask(SIG_BLOCK, &action.sa_mask, NULL);
}
