// SPDX-License-Identifier: MIT
// Calls whose arguments vary: what is there must arrive, and what is not there must not be taken for a
// pointer. Must stay silent.
#include "stale.h"
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// Leaves the value in every register for arguments.
__attribute__((noinline)) static void leave(const void *p) {
    __asm__ volatile("" ::"D"(p), "S"(p), "d"(p), "c"(p));
    register const void *r8 __asm__("r8") = p, *r9 __asm__("r9") = p;
    __asm__ volatile("" ::"r"(r8), "r"(r9));
}

// Of this process alone: others run the same at the same time.
static char name[64], queue_name[64];

// The mode is there, and nothing else is: a stale pointer may be in the registers behind it.
static unsigned mode_of(int fd) {
    struct stat st = {0};
    fstat(fd, &st);
    close(fd);
    unlink(name);
    return st.st_mode & 0777;
}

int main(void) {
    char *old = make_stale(100);
    snprintf(name, sizeof name, "variable_arguments.%d", getpid());
    snprintf(queue_name, sizeof queue_name, "/variable_arguments.%d", getpid());
    umask(0);
    chdir("/tmp");
    printf("%o\n", mode_of(open(name, O_RDWR | O_CREAT | O_EXCL, 0641)));
    printf("%o\n", mode_of(open64(name, O_RDWR | O_CREAT | O_EXCL, 0642)));
    printf("%o\n", mode_of(openat(AT_FDCWD, name, O_RDWR | O_CREAT | O_EXCL, 0643)));
    int ends[2];
    pipe(ends);
    int copy = fcntl(ends[0], F_DUPFD, 100);
    printf("%d\n", copy >= 100);
    fcntl(copy, F_SETFD, FD_CLOEXEC);
    leave(old);
    printf("%d\n", fcntl(copy, F_GETFD));
    leave(old);
    printf("%d\n", ioctl(copy, FIOCLEX));
    leave(old);
    printf("%d\n", prctl(PR_GET_DUMPABLE));
    int waiting = -1;
    write(ends[1], "12345", 5);
    printf("%d\n", ioctl(ends[0], FIONREAD, &waiting));
    printf("%d\n", waiting);
    int semaphores = semget(IPC_PRIVATE, 2, 0600);
    printf("%d\n", semctl(semaphores, 1, SETVAL, 5));
    printf("%d\n", semctl(semaphores, 1, GETVAL));
    printf("%d\n", semctl(semaphores, 0, IPC_RMID, old));
    mqd_t queue = mq_open(queue_name, O_RDWR | O_CREAT, 0600,
                          &(struct mq_attr){.mq_maxmsg = 3, .mq_msgsize = 7});
    struct mq_attr attributes = {0};
    mq_getattr(queue, &attributes);
    mq_unlink(queue_name);
    printf("%ld %ld\n", attributes.mq_maxmsg, attributes.mq_msgsize);
    fflush(stdout);
    if (fork() == 0) {
        execle("/bin/sh", "sh", "-c", "echo $0 $1 $2 $3 $4 $5 $6 $A", "a", "b", "c", "d", "e", "f",
               "g", NULL, (char *[]){"A=h", NULL});
    }
    int status;
    wait(&status);
    printf("%d\n", status);
    return 0;
}
