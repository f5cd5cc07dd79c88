// SPDX-License-Identifier: MIT
// A sandbox that kills for what the program does not do: it opens no file and makes none in memory. It still
// creates a thread and a child. Must stay silent.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void *run(void *arg) {
    free(realloc(malloc(100), 200));
    return arg;
}

static int install(int through_syscall) {
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_memfd_create, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) {
        return -1;
    }
    return through_syscall ? (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program)
                           : prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

int main(int argc, char **argv) {
    pthread_t thread;
    int status = -1;
    char *block = strdup("block");
    printf("sandbox: %d\n", install(strcmp(argv[1], "syscall") == 0));
    fflush(stdout);
    if (fork() == 0) {
        _exit(strcmp(block, "block"));
    }
    wait(&status);
    int created = pthread_create(&thread, NULL, run, NULL);
    pthread_join(thread, NULL);
    printf("child: %d, thread: %d\n", status, created);
    return 0;
}
