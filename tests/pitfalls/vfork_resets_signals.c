// SPDX-License-Identifier: MIT
// vfork shares our memory: a child that resets its signals before exec must not take the parent's handler
// away. Must stay silent.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void on_fault(int sig) {
    (void)sig;
    static const char text[] = "handler ran\n";
    _exit(write(STDOUT_FILENO, text, sizeof text - 1) < 0);
}

int main(void) {
    signal(SIGSEGV, on_fault);
    pid_t pid = vfork();
    if (pid == 0) {
        signal(SIGSEGV, SIG_DFL);
        execl("/bin/true", "true", (char *)NULL);
        _exit(1);
    }
    waitpid(pid, NULL, 0);
    struct sigaction now;
    sigaction(SIGSEGV, NULL, &now);
    dprintf(STDOUT_FILENO, "handler %s\n", now.sa_handler == on_fault ? "kept" : "lost");
    *(volatile int *)8 = 1;
    return 0;
}
