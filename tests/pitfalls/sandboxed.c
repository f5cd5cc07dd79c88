// SPDX-License-Identifier: MIT
// A seccomp filter refuses system calls that the guard uses, from some moment in the program on, or
// ("-launched") before it began. The run goes on: stale accesses are reported and see what they should, and
// the summary says what lapsed. A forked child's heap cannot be had without mremap.
// NATIVE: undefined
// COUNT: 5
// GUARDED: small: a, then b; large: L; copied: 1
// GUARDED: child: 0
// SAYS: markers (?m)sealed by (mprotect$|guard \(\d+ by mprotect, where guard markers were refused\)$)
// SAYS: markers-launched (?m)sealed by mprotect$
// SAYS: process (?m)^==\d+== realloc_guard: the helper that looks up source lines could not be started; reports show functions and offsets$
// SAYS: socket (?m)^==\d+== realloc_guard: the helper that looks up source lines could not be started;
// SAYS: exec-kills (?m)^==\d+== realloc_guard: the helper that looks up source lines did not answer;
// SAYS: copies stale read: sandboxed\.c:\d+ uses
// SAYS: copies-launched stale read: sandboxed\.c:\d+ uses
// SAYS: mappings stale read: sandboxed\.c:\d+ uses
// The helper inherits the filter, and needs some of these calls more than the guard does.
// SAYS: questions stale read: sandboxed\+0x[0-9a-f]+ uses
#include "stale.h"
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LARGE = 400000, COPIED = 1000, REFUSED_MAX = 16, MARKER = 102 };

static const struct {
    const char *name;
    int refused[REFUSED_MAX];
} filters[] = {
    {"markers", {}}, // MADV_GUARD_INSTALL alone, see below
    {"process", {SYS_clone, SYS_clone3, SYS_fork, SYS_vfork}},
    {"socket", {SYS_socketpair}},
    {"exec-kills", {SYS_execve, SYS_execveat}},
    {"copies", {SYS_process_vm_readv, SYS_process_vm_writev, SYS_userfaultfd, SYS_memfd_create}},
    {"mappings", {SYS_mremap}},
    {"questions",
     {SYS_gettid, SYS_fstat, SYS_newfstatat, SYS_fcntl, SYS_ioctl, SYS_getcwd, SYS_sched_yield,
      SYS_rt_sigpending, SYS_rt_sigtimedwait, SYS_mincore, SYS_pipe2, SYS_wait4, SYS_sysinfo}},
};

static void install(struct sock_filter *filter, unsigned length) {
    struct sock_fprog program = {(unsigned short)length, filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
        perror("seccomp");
        exit(1);
    }
}

static void refuse_markers(void) {
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_madvise, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MARKER, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    install(filter, sizeof(filter) / sizeof(filter[0]));
}

static void refuse_calls(const int *numbers, unsigned answer) {
    struct sock_filter filter[2 * REFUSED_MAX + 2] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))};
    unsigned length = 1;
    for (int i = 0; numbers[i]; i++) {
        filter[length++] =
            (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)numbers[i], 0, 1);
        filter[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, answer);
    }
    filter[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    install(filter, length);
}

static void refuse(const char *name) {
    for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
        if (strncmp(name, filters[i].name, strlen(filters[i].name)) != 0) {
            continue;
        }
        if (i == 0) {
            refuse_markers();
        } else {
            refuse_calls(filters[i].refused, strstr(name, "kills") ? SECCOMP_RET_KILL_PROCESS
                                                                   : SECCOMP_RET_ERRNO | EPERM);
        }
    }
}

static void use_stale_blocks(void) {
    char copy[COPIED];
    char *small = make_stale(40);
    char *volatile large = malloc(LARGE);
    memset(large, 'L', LARGE);
    char *now = realloc(large, 2 * LARGE);
    char before = small[0];
    small[0] = 'b';
    printf("small: %c, then %c; ", before, small[0]);
    printf("large: %c; ", large[LARGE / 2]);
    memcpy(copy, large, COPIED);
    printf("copied: %d\n", memcmp(copy, now, COPIED) == 0);
}

int main(int argc, char **argv) {
    char *launched = strstr(argv[1], "-launched");
    if (!launched || argc == 2) {
        make_stale(100);
        refuse(argv[1]);
    }
    if (launched && argc == 2) {
        execl(argv[0], argv[0], argv[1], "again", NULL);
        return 1;
    }
    use_stale_blocks();
    fflush(stdout);
    siginfo_t ended = {0};
    bool can_fork = strcmp(argv[1], "process") != 0 && strcmp(argv[1], "mappings") != 0;
    if (can_fork && fork() == 0) {
        free(malloc(100));
        _exit(0);
    }
    waitid(P_ALL, 0, &ended, WEXITED);
    printf("child: %d\n", ended.si_status);
    return 0;
}
