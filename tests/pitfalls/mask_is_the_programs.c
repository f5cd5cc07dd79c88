// SPDX-License-Identifier: MIT
// The guard keeps SIGSEGV open where the program blocks it. The program may not see that: a thread
// inherits the mask, siglongjmp restores it, and a program that is executed finds it. Must stay silent.
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static void show(const char *where) {
    sigset_t mask;
    pthread_sigmask(SIG_BLOCK, NULL, &mask);
    printf("%s: SIGSEGV %d, SIGUSR1 %d\n", where, sigismember(&mask, SIGSEGV),
           sigismember(&mask, SIGUSR1));
    fflush(stdout);
}

static void *run(void *arg) {
    show("thread");
    return arg;
}

int main(int argc, char **argv) {
    sigset_t all, before;
    pthread_t thread;
    sigjmp_buf back;
    if (argc > 1) {
        show("executed program");
        return 0;
    }
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    pthread_create(&thread, NULL, run, NULL);
    pthread_join(thread, NULL);
    if (sigsetjmp(back, 1) == 0) {
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        show("unblocked");
        siglongjmp(back, 1);
    }
    show("after siglongjmp");
    execl(argv[0], argv[0], "again", NULL);
    return 1;
}
