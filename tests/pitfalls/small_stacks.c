// SPDX-License-Identifier: MIT
// A fault on a small stack leaves little room for a report: a thread's stack of 16 KB, a coroutine's of 8
// KB, and a handler on an alternate stack of 16 KB. The argument says which.
// REPORT: stale read; access=read; now=live
#include "stale.h"
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <ucontext.h>

static char *old;
static ucontext_t before;

static void use(void) {
    volatile char byte = *old; // HERE: read
    free(realloc(malloc(100), 5000));
}

static void *run(void *arg) {
    use();
    return arg;
}

static void on_signal(int signal) {
    (void)signal;
    use();
}

// A stack with an inaccessible page below it.
static void *make_stack(size_t size) {
    char *stack =
        mmap(NULL, 4096 + size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(stack, 4096, PROT_NONE);
    return stack + 4096;
}

int main(int argc, char **argv) {
    old = make_stale(40);
    if (strcmp(argv[1], "thread") == 0) {
        pthread_attr_t attributes;
        pthread_t thread;
        pthread_attr_init(&attributes);
        pthread_attr_setstack(&attributes, make_stack(16384), 16384);
        pthread_create(&thread, &attributes, run, NULL);
        pthread_join(thread, NULL);
    } else if (strcmp(argv[1], "coroutine") == 0) {
        ucontext_t coroutine;
        getcontext(&coroutine);
        coroutine.uc_stack = (stack_t){.ss_sp = make_stack(8192), .ss_size = 8192};
        coroutine.uc_link = &before;
        makecontext(&coroutine, use, 0);
        swapcontext(&before, &coroutine);
    } else {
        stack_t stack = {.ss_sp = make_stack(16384), .ss_size = 16384};
        struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK};
        sigaltstack(&stack, NULL);
        sigaction(SIGUSR1, &action, NULL);
        raise(SIGUSR1);
    }
    puts("end");
    return 0;
}
