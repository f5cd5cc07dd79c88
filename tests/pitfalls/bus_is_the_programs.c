// SPDX-License-Identifier: MIT
// SIGBUS is the program's: its default disposition is shown as such and kills, by a fault or when sent; a
// handler is called, and can be taken back. Must stay silent.
// ENDS: faults -7
// ENDS: sent -7
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static sigjmp_buf back;
static volatile char *beyond_the_end; // of a file

static void on_bus(int sig, siginfo_t *info, void *context) {
    (void)context;
    printf("handler: %d, code %d, its page: %d\n", sig, info->si_code,
           info->si_addr == (void *)beyond_the_end);
    siglongjmp(back, 1);
}

static void show(const char *when) {
    struct sigaction now;
    sigaction(SIGBUS, NULL, &now);
    printf("%s: default %d, ignored %d, flags %x\n", when, now.sa_handler == SIG_DFL,
           now.sa_handler == SIG_IGN, now.sa_flags);
}

static void handle(void) {
    struct sigaction act = {.sa_sigaction = on_bus, .sa_flags = SA_SIGINFO}, old;
    sigaction(SIGBUS, &act, &old);
    printf("before: default %d\n", old.sa_handler == SIG_DFL);
    for (int i = 0; i < 3; i++) {
        if (sigsetjmp(back, 1) == 0) {
            *beyond_the_end;
        }
    }
    printf("taken back: own %d\n", signal(SIGBUS, SIG_DFL) == (sighandler_t)on_bus);
}

int main(int argc, char **argv) {
    FILE *empty = tmpfile();
    free(malloc(1));
    beyond_the_end = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fileno(empty), 0);
    show("at first");
    if (strcmp(argv[1], "handled") == 0) {
        handle();
    } else if (strcmp(argv[1], "ignored") == 0) {
        printf("signal: default %d\n", signal(SIGBUS, SIG_IGN) == SIG_DFL);
        raise(SIGBUS);
    }
    show("then");
    fflush(stdout);
    if (strcmp(argv[1], "sent") == 0) {
        kill(getpid(), SIGBUS);
    } else if (strcmp(argv[1], "faults") == 0) {
        *beyond_the_end;
    }
    return 0;
}
