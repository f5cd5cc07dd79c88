// SPDX-License-Identifier: MIT
// Nothing the guard should mention: the program catches faults of its own making with sigaction on an
// alternate stack and recovers by siglongjmp, as language runtimes do. Its handler must see the same
// signal, code and address as without the guard. Must stay silent.
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

static sigjmp_buf back;
static volatile int seen_code;
static void *volatile seen_address;

static void on_fault(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)context;
    seen_code = info->si_code;
    seen_address = info->si_addr;
    siglongjmp(back, 1);
}

static void touch(const char *what, volatile char *address) {
    if (sigsetjmp(back, 1) == 0) {
        *address = 'x';
        printf("%s: no fault\n", what);
        return;
    }
    printf("%s: code %d, address right: %d\n", what, seen_code, seen_address == (void *)address);
}

int main(void) {
    stack_t stack = {.ss_sp = malloc(65536), .ss_size = 65536};
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    struct sigaction old;
    sigaltstack(&stack, NULL);
    sigemptyset(&action.sa_mask);
    sigaction(SIGSEGV, &action, &old);
    printf("the handler before was the default: %d\n", old.sa_handler == SIG_DFL);
    char *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    touch("read-only page", page + 8);
    touch("address 16", (volatile char *)(uintptr_t)16);
    touch("read-only page again", page + 16);
    sigaction(SIGSEGV, NULL, &old);
    printf("the handler is ours: %d\n", old.sa_sigaction == on_fault);
    return 0;
}
