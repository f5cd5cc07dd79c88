// SPDX-License-Identifier: MIT
// A signal handler that forks may have interrupted malloc or realloc in the same thread: fork may not
// wait for what that thread itself holds. Must stay silent and must not hang.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FORKS = 300 };

static volatile sig_atomic_t forks, wrong;

static void on_alarm(int signal) {
    (void)signal;
    int status = 1;
    pid_t child = fork();
    if (child == 0) {
        _exit(0);
    }
    waitpid(child, &status, 0);
    wrong += status != 0;
    forks++;
}

int main(void) {
    struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
    struct itimerval interval = {{0, 1000}, {0, 1000}};
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &interval, NULL);
    char *block = NULL;
    for (size_t i = 0; forks < FORKS; i++) {
        block = realloc(block, i % 3000 + 1);
        free(malloc(i % 5000));
    }
    interval = (struct itimerval){0};
    setitimer(ITIMER_REAL, &interval, NULL);
    printf("wrong children: %d\n", wrong);
    free(block);
    return 0;
}
