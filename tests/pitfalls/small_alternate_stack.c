// SPDX-License-Identifier: MIT
// Small or alternate stacks: a handler on an alternate stack of 8 KB, the classical SIGSTKSZ, allocates,
// moves and frees. The guard's part of malloc must fit beside the kernel's frame. Must stay silent.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { SIZE = 8192, PAGE = 4096 };

static void on_signal(int sig) {
    (void)sig;
    free(realloc(malloc(100), 5000));
}

int main(void) {
    char *stack =
        mmap(NULL, PAGE + SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    // What runs over the end must be seen.
    mprotect(stack, PAGE, PROT_NONE);
    stack_t alternate = {.ss_sp = stack + PAGE, .ss_size = SIZE};
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK};
    sigaltstack(&alternate, NULL);
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
    puts("end");
    return 0;
}
