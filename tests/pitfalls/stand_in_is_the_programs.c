// SPDX-License-Identifier: MIT
// SIGSTKFLT, under which the guard keeps a SIGSEGV pending that was sent while it was blocked, is the program's own:
// what that wishes for the one changes nothing for the other, and both have their effects. The argument says what
// is done while a SIGSEGV is pending, or afterwards. Must stay silent.
// ENDS: default 7
// ENDS: ignored 7
// ENDS: all_reset -11
// ENDS: handled 7
// ENDS: kills -16
// ENDS: known_before 7
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static sigset_t only;

static void on_segv(int sig, siginfo_t *info, void *context) {
    (void)context;
    printf("SIGSEGV: %d %d, code %d, errno %d, own %d\n", sig, info->si_signo, info->si_code,
           info->si_errno, info->si_pid == getpid());
}

static void on_other(int sig, siginfo_t *info, void *context) {
    (void)context;
    printf("SIGSTKFLT: %d %d, code %d, own %d\n", sig, info->si_signo, info->si_code,
           info->si_pid == getpid());
}

static void make_pending(void) {
    sigprocmask(SIG_BLOCK, &only, NULL);
    kill(getpid(), SIGSEGV);
}

static void unblock(void) {
    puts("unblocks");
    sigprocmask(SIG_UNBLOCK, &only, NULL);
}

static void show(const char *when) {
    struct sigaction now;
    sigaction(SIGSTKFLT, NULL, &now);
    printf("%s: %s\n", when,
           now.sa_handler == SIG_DFL      ? "default"
           : now.sa_handler == SIG_IGN    ? "ignored"
           : now.sa_sigaction == on_other ? "own"
                                          : "unknown");
}

static void handle_other(void) {
    struct sigaction act = {.sa_sigaction = on_other, .sa_flags = SA_SIGINFO};
    sigaction(SIGSTKFLT, &act, NULL);
}

static void set_in_every_way(sighandler_t handler) {
    struct sigaction act = {.sa_handler = handler};
    make_pending();
    signal(SIGSTKFLT, handler);
    show("signal");
    unblock();
    make_pending();
    sigaction(SIGSTKFLT, &act, NULL);
    show("sigaction");
    unblock();
    make_pending();
    sigset(SIGSTKFLT, handler);
    show("sigset");
    unblock();
    make_pending();
    sysv_signal(SIGSTKFLT, handler);
    show("sysv_signal");
    unblock();
}

static void reset_all(void) {
    make_pending();
    for (int sig = 1; sig < 32; sig++) {
        signal(sig, SIG_DFL);
    }
    unblock();
}

// One from outside comes as itself, before and after.
static void send_other(void) {
    pid_t pid = fork();
    if (pid == 0) {
        kill(getppid(), SIGSTKFLT);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    raise(SIGSTKFLT);
}

static void handle_both(void) {
    make_pending();
    handle_other();
    show("handled");
    unblock();
    send_other();
    make_pending();
    unblock();
    signal(SIGSTKFLT, SIG_IGN);
    send_other();
    show("ignored");
}

static void know_before(void) {
    handle_other();
    make_pending();
    show("before");
    unblock();
    send_other();
    make_pending();
    unblock();
    show("after");
}

int main(int argc, char **argv) {
    struct sigaction act = {.sa_sigaction = on_segv, .sa_flags = SA_SIGINFO};
    setvbuf(stdout, NULL, _IONBF, 0);
    sigemptyset(&only);
    sigaddset(&only, SIGSEGV);
    sigaction(SIGSEGV, &act, NULL);
    if (strcmp(argv[1], "default") == 0) {
        set_in_every_way(SIG_DFL);
    } else if (strcmp(argv[1], "ignored") == 0) {
        set_in_every_way(SIG_IGN);
        send_other();
    } else if (strcmp(argv[1], "all_reset") == 0) {
        reset_all();
    } else if (strcmp(argv[1], "handled") == 0) {
        handle_both();
    } else if (strcmp(argv[1], "known_before") == 0) {
        know_before();
    } else {
        make_pending();
        unblock();
        show("kills");
        send_other();
    }
    return 7;
}
