// SPDX-License-Identifier: MIT
// SIGTRAP that the program blocks stays pending until the program waits for it or unblocks it, and is blocked
// wherever a mask says so. The argument says where. Must stay silent.
// ENDS: breakpoint -5
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void show_pending(const char *when) {
    sigset_t set;
    sigpending(&set);
    printf("%s: pending %d\n", when, sigismember(&set, SIGTRAP));
}

static void show_blocked(const char *where, const sigset_t *set) {
    sigset_t now;
    sigprocmask(SIG_BLOCK, NULL, &now);
    printf("%s: blocked %d\n", where, sigismember(set ? set : &now, SIGTRAP));
}

static void on_trap(int sig) {
    (void)sig;
    show_blocked("handler of SIGTRAP", NULL);
}

static void on_user(int sig, siginfo_t *info, void *context) {
    (void)sig, (void)info;
    show_blocked("handler", NULL);
    show_blocked("interrupted code", &((ucontext_t *)context)->uc_sigmask);
}

static sigset_t only_trap(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTRAP);
    return set;
}

static void wait_for_it(const char *how) {
    sigset_t set = only_trap();
    struct timespec at_once = {0};
    siginfo_t info;
    show_pending(how);
    int got = sigtimedwait(&set, &info, &at_once);
    printf("%s: got %d, code %d\n", how, got, got == SIGTRAP ? info.si_code : 0);
    show_pending("afterwards");
}

static void *send_all(void *arg) {
    raise(SIGTRAP);
    wait_for_it("raise");
    kill(getpid(), SIGTRAP);
    wait_for_it("kill");
    sigqueue(getpid(), SIGTRAP, (union sigval){.sival_int = 1});
    wait_for_it("sigqueue");
    raise(SIGTRAP);
    signal(SIGTRAP, SIG_IGN);
    show_pending("ignored");
    return arg;
}

static void *show_in_thread(void *arg) {
    show_blocked(arg, NULL);
    return NULL;
}

static void show_masks(void) {
    sigset_t all, none;
    pthread_t thread;
    pthread_attr_t attr;
    struct sigaction act = {.sa_sigaction = on_user, .sa_flags = SA_SIGINFO};
    sigfillset(&all);
    sigemptyset(&none);
    signal(SIGTRAP, on_trap);
    sigaction(SIGUSR1, &act, NULL);
    sigaction(SIGSEGV, &act, NULL);
    sigset_t trap = only_trap();
    sigprocmask(SIG_BLOCK, &trap, NULL);
    raise(SIGUSR1);
    raise(SIGSEGV);
    raise(SIGTRAP);
    show_pending("before sigsuspend");
    sigsuspend(&none);
    show_pending("after sigsuspend");
    pthread_create(&thread, NULL, show_in_thread, "thread");
    pthread_join(thread, NULL);
    sigprocmask(SIG_UNBLOCK, &trap, NULL);
    act.sa_mask = trap;
    sigaction(SIGUSR1, &act, NULL);
    sigaction(SIGSEGV, &act, NULL);
    raise(SIGUSR1);
    raise(SIGSEGV);
    pthread_attr_init(&attr);
    pthread_attr_setsigmask_np(&attr, &all);
    pthread_create(&thread, &attr, show_in_thread, "thread with a mask");
    pthread_join(thread, NULL);
}

int main(int argc, char **argv) {
    sigset_t set = only_trap();
    pthread_t thread;
    setvbuf(stdout, NULL, _IONBF, 0);
    if (strcmp(argv[1], "masks") == 0) {
        show_masks();
        return 0;
    }
    if (strcmp(argv[1], "thread") == 0) {
        sigfillset(&set);
    }
    sigprocmask(SIG_BLOCK, &set, NULL);
    if (strcmp(argv[1], "executed") == 0) {
        execl("/bin/grep", "grep", "SigBlk", "/proc/self/status", (char *)NULL);
    } else if (strcmp(argv[1], "breakpoint") == 0) {
        __asm__ volatile("int3");
    } else if (strcmp(argv[1], "thread") == 0) {
        pthread_create(&thread, NULL, send_all, NULL);
        pthread_join(thread, NULL);
    } else {
        send_all(NULL);
    }
    return 0;
}
