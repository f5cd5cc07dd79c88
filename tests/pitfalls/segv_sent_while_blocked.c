// SPDX-License-Identifier: MIT
// SIGSEGV that is sent while it is blocked stays pending, with all that was sent with it, until a thread waits
// for it or unblocks it. The argument says which. Must stay silent.
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <unistd.h>

static sigset_t only, none;

static void on_segv(int sig, siginfo_t *info, void *context) {
    (void)context;
    printf("handler: %d %d, code %d\n", sig, info->si_signo, info->si_code);
}

static void show_pending(const char *when) {
    sigset_t set;
    sigpending(&set);
    printf("%s: pending %d\n", when, sigismember(&set, SIGSEGV));
}

static void *wait_plainly(void *arg) {
    int got = 0;
    sigwait(&only, &got);
    printf("sigwait: %d\n", got);
    return arg;
}

static void *wait_for_info(void *arg) {
    struct timespec long_enough = {60, 0};
    siginfo_t info = {0};
    int got = arg ? sigtimedwait(&only, &info, &long_enough) : sigwaitinfo(&only, &info);
    printf("got %d %d, code %d, errno %d, own %d, value %d\n", got, info.si_signo, info.si_code,
           info.si_errno, info.si_pid == getpid(),
           info.si_code == SI_QUEUE ? info.si_value.sival_int : 0);
    return arg;
}

static void send_from_child(void) {
    pid_t pid = fork();
    if (pid == 0) {
        kill(getppid(), SIGSEGV);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
}

// Every thread has it blocked; another thread than the first waits.
static void wait_in_thread(void) {
    pthread_t thread;
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    for (int i = 0; i < 5; i++) {
        pthread_create(&thread, NULL, i < 3 ? wait_plainly : wait_for_info,
                       (void *)(i == 4 ? &only : NULL));
        if (i == 0) {
            kill(getpid(), SIGSEGV);
        } else if (i == 1) {
            send_from_child();
        } else if (i == 2) {
            pthread_kill(thread, SIGSEGV);
        } else {
            sigqueue(getpid(), SIGSEGV, (union sigval){.sival_int = 40 + i});
        }
        pthread_join(thread, NULL);
    }
}

static void wait_afterwards(void) {
    kill(getpid(), SIGSEGV);
    show_pending("kill");
    wait_plainly(NULL);
    show_pending("sigwait");
    raise(SIGSEGV);
    wait_for_info(NULL);
    show_pending("sigwaitinfo");
    raise(SIGSEGV);
    signal(SIGSEGV, SIG_IGN);
    show_pending("ignored");
    raise(SIGSEGV);
    show_pending("ignored and blocked");
    sigprocmask(SIG_UNBLOCK, &only, NULL);
    show_pending("unblocked");
}

static void *send_it(void *arg) {
    kill(getpid(), SIGSEGV);
    return arg;
}

// The handler runs before the call returns.
static void unblock(void) {
    struct timespec long_enough = {60, 0};
    pthread_t thread;
    raise(SIGSEGV);
    printf("ppoll: %d\n", ppoll(NULL, 0, &long_enough, &none));
    raise(SIGSEGV);
    printf("pselect: %d\n", pselect(0, NULL, NULL, NULL, &long_enough, &none));
    pthread_create(&thread, NULL, send_it, NULL);
    printf("sigsuspend: %d\n", sigsuspend(&none));
    pthread_join(thread, NULL);
    show_pending("calls");
    raise(SIGSEGV);
    puts("sigprocmask");
    sigprocmask(SIG_UNBLOCK, &only, NULL);
}

int main(int argc, char **argv) {
    struct sigaction act = {.sa_sigaction = on_segv, .sa_flags = SA_SIGINFO};
    setvbuf(stdout, NULL, _IONBF, 0);
    sigemptyset(&none);
    sigemptyset(&only);
    sigaddset(&only, SIGSEGV);
    sigaction(SIGSEGV, &act, NULL);
    sigprocmask(SIG_BLOCK, &only, NULL);
    if (strcmp(argv[1], "thread") == 0) {
        wait_in_thread();
    } else if (strcmp(argv[1], "waits") == 0) {
        wait_afterwards();
    } else {
        unblock();
    }
    return 0;
}
