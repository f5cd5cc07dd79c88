// SPDX-License-Identifier: MIT
// Addresses where nothing is, handed to calls that lead on to more memory: the kernel answers EFAULT, and
// looking whether anything stale is there must not be what kills the program. Must stay silent.
#include "stale.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define TRY(call)                                                                                  \
    do {                                                                                           \
        errno = 0;                                                                                 \
        int result = (int)(call);                                                                  \
        printf("%d %d\n", result, errno);                                                          \
    } while (0)

static void on_bus(int sig) {
    (void)sig;
    puts("SIGBUS");
    fflush(stdout);
    _exit(1);
}

int main(int argc, char **arguments) {
    int ends[2];
    char room[100];
    // The second page cannot be read: an array may begin in the first and go on into it.
    char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(pages + 4096, 4096, PROT_NONE);
    struct iovec *half = (void *)(pages + 4096 - sizeof(struct iovec));
    *half = (struct iovec){room, 1};
    char **argv = (void *)(pages + 4096 - sizeof(char *));
    struct msghdr header = {.msg_iov = half, .msg_iovlen = 2};
    struct msghdr bad_name = {.msg_name = (void *)1, .msg_namelen = 10};
    socketpair(AF_UNIX, SOCK_DGRAM, 0, ends);
    // Beyond the end of its file a page cannot be read either, but a fault there is a SIGBUS.
    void *beyond = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(tmpfile()), 0);
    if (strcmp(arguments[1], "bus_default") != 0) {
        signal(SIGBUS, strcmp(arguments[1], "bus_handled") == 0 ? on_bus : SIG_IGN);
    }
    // The last two are no addresses at all: the processor does not say which they were.
    void *bad[] = {NULL,   (void *)1,          pages + 4096,      (void *)-1L,
                   beyond, (void *)(1L << 63), (void *)(1L << 47)};
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        TRY(readv(ends[0], bad[i], 2));
        TRY(writev(ends[0], bad[i], 2));
        TRY(recvmsg(ends[0], bad[i], MSG_DONTWAIT));
        TRY(sendmsg(ends[0], bad[i], MSG_DONTWAIT));
        TRY(sendmmsg(ends[0], bad[i], 1, MSG_DONTWAIT));
        TRY(getsockname(ends[0], (void *)room, bad[i]));
        TRY(read(ends[0], bad[i], 0));
        TRY(access(bad[i], 0));
        if (bad[i]) {
            TRY(execve("/bin/true", bad[i], NULL));
            TRY(execve("/bin/true", NULL, bad[i]));
        }
    }
    TRY(writev(ends[0], half, 2));
    TRY(writev(ends[0], half, 1 << 20));
    TRY(writev(ends[0], half, -1));
    TRY(sendmsg(ends[0], &header, 0));
    TRY(sendmsg(ends[0], &bad_name, 0));
    argv[0] = "true";
    TRY(execve("/bin/true", argv, NULL));
    // The kernel looks for the end of the list first.
    argv[0] = make_stale(100);
    TRY(execve("/bin/true", argv, NULL));
    *half = (struct iovec){argv[0], 1};
    TRY(writev(ends[0], half, 2));
    TRY(sendmsg(ends[0], &header, 0));
    return 0;
}
