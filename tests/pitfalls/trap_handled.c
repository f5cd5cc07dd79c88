// SPDX-License-Identifier: MIT
// The program handles its own breakpoint instructions (int3), after a stale access and with one in the handler:
// the report walks the stack with libunwind, which changes signal masks. The argument says which is before the
// breakpoints that must still come to the handler.
// REPORT: stale write; access=access
#include "stale.h"

#include <signal.h>
#include <stdio.h>

static void use_stale(void) {
    char *p = make_stale(9);
    p[1] = 1; // HERE: access
}

static void on_trap_quietly(int sig) {
    (void)sig;
    puts("trapped");
}

static void on_trap(int sig) {
    on_trap_quietly(sig);
    use_stale();
}

static void show_mask(void) {
    sigset_t mask;
    sigprocmask(SIG_BLOCK, NULL, &mask);
    printf("SIGTRAP is blocked: %d\n", sigismember(&mask, SIGTRAP));
}

int main(int argc, char **argv) {
    if (strcmp(argv[1], "first") == 0) {
        use_stale();
    }
    signal(SIGTRAP, argv[1][0] == 'i' ? on_trap : on_trap_quietly);
    for (int i = 0; i < 2; i++) {
        __asm__ volatile("int3");
        show_mask();
    }
    return 0;
}
