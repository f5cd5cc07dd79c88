// SPDX-License-Identifier: MIT
// A program's own handler of SIGSEGV recovers from the program's own faults with siglongjmp, again and
// again, on an alternate stack that lies above the thread's own stack. Must stay silent.
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>

enum { FAULTS = 50, STACK = 65536 };

static sigjmp_buf back;

static void on_fault(int signal) {
    (void)signal;
    siglongjmp(back, 1);
}

static void *run(void *alternate) {
    stack_t stack = {.ss_sp = alternate, .ss_size = STACK};
    volatile int recovered = 0;
    sigaltstack(&stack, NULL);
    for (volatile int i = 0; i < FAULTS; i++) {
        if (sigsetjmp(back, 1) == 0) {
            *(volatile int *)16 = 1;
        } else {
            recovered++;
        }
    }
    printf("recovered: %d\n", recovered);
    return NULL;
}

int main(void) {
    char *stacks =
        mmap(NULL, 4 * STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct sigaction action = {.sa_handler = on_fault, .sa_flags = SA_ONSTACK};
    pthread_attr_t attributes;
    pthread_t thread;
    sigaction(SIGSEGV, &action, NULL);
    pthread_attr_init(&attributes);
    pthread_attr_setstack(&attributes, stacks, 2 * STACK);
    pthread_create(&thread, &attributes, run, stacks + 3 * STACK);
    pthread_join(thread, NULL);
    return 0;
}
