// SPDX-License-Identifier: MIT
// vfork shares our memory, but not what signals do: a child that resets its signals, or takes a handler of its
// own, gets what it asked for, and the parent's handler stays. Must stay silent.
// STATUS: 3
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RESETS = 1, FAULTS = 2, HANDLES = 4, EXECUTES = 8, TRAPS = 16 };

static void say(const char *text, int number) {
    dprintf(STDOUT_FILENO, "%s %d\n", text, number);
}

static void on_fault(int sig) {
    say("handler of the parent", sig);
    _exit(3);
}

static void on_fault_in_child(int sig) {
    say("handler of the child", sig);
    _exit(4);
}

static void run_child(int what) {
    if (what & RESETS) {
        for (int sig = 1; sig < 32; sig++) {
            signal(sig, SIG_DFL);
        }
        struct sigaction now;
        sigaction(SIGSEGV, NULL, &now);
        say("child has the default:", now.sa_handler == SIG_DFL);
    }
    if (what & HANDLES) {
        signal(SIGSEGV, on_fault_in_child);
    }
    if (what & FAULTS) {
        *(volatile int *)8 = 1;
    }
    if (what & TRAPS) {
        __asm__ volatile("int3");
    }
    if (what & EXECUTES) {
        execl("/bin/true", "true", (char *)NULL);
    }
    _exit(1);
}

int main(void) {
    static const int kinds[] = {
        RESETS | EXECUTES, RESETS | FAULTS, HANDLES | FAULTS, FAULTS, RESETS | TRAPS, TRAPS};
    struct sigaction now;
    signal(SIGSEGV, on_fault);
    signal(SIGTRAP, on_fault);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        int status = 0;
        pid_t pid = vfork();
        if (pid == 0) {
            run_child(kinds[i]);
        }
        waitpid(pid, &status, 0);
        say("child ended with", status & 0xff7f);
        sigaction(SIGSEGV, NULL, &now);
        say("handler kept:", now.sa_handler == on_fault);
    }
    *(volatile int *)8 = 1;
    return 0;
}
