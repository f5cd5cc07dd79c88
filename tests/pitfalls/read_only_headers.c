// SPDX-License-Identifier: MIT
// The header of a message lies in memory that cannot be written, and leads to a block that has moved. The kernel
// then takes the message, has nowhere to store the results, and answers EFAULT, or how many went well before;
// and so must the guard, which stores in its place.
// COUNT: 4
// TEXT: for recvmsg \(argument msg_iov\)
// TEXT: for sendmmsg \(argument msg_iov\)
#include "stale.h"
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static int ends[2];
static struct iovec stale;

static void show(const char *call, long result) {
    int error = errno;
    char rest[10];
    int left = 0;
    while (recv(ends[1], rest, sizeof rest, MSG_DONTWAIT) > 0) {
        left++;
    }
    printf("%s: %ld, errno %d, left %d\n", call, result, result < 0 ? error : 0, left);
}

static void send_some(void) {
    for (int i = 0; i < 3; i++) {
        send(ends[0], "text", 4, 0);
    }
}

// Of the headers the last lies in a page that cannot be written any more.
static struct mmsghdr *make_headers(int count) {
    char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct mmsghdr *headers = (struct mmsghdr *)(pages + 4096) - (count - 1);
    for (int i = 0; i < count; i++) {
        headers[i].msg_hdr = (struct msghdr){.msg_iov = &stale, .msg_iovlen = 1};
    }
    mprotect(pages + 4096, 4096, PROT_READ);
    return headers;
}

int main(void) {
    socketpair(AF_UNIX, SOCK_DGRAM, 0, ends);
    stale = (struct iovec){make_stale(5000), 4};
    struct mmsghdr *one = make_headers(1), *two = make_headers(2);
    send_some();
    show("recvmsg", recvmsg(ends[1], &one->msg_hdr, 0));
    send_some();
    show("syscall", syscall(SYS_recvmsg, ends[1], &one->msg_hdr, 0));
    show("sendmmsg of one", sendmmsg(ends[0], one, 1, 0));
    show("sendmmsg of two", sendmmsg(ends[0], two, 2, 0));
    return 0;
}
