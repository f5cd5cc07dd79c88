// SPDX-License-Identifier: MIT
// One call that sends many messages, the first of them from a block that has moved: the kernel then reads the
// headers elsewhere, and what it stores in them must come back, to those headers alone.
// REPORT: stale read; access=send; now=live
// TEXT: for sendmmsg \(argument msg_iov\)
#include "stale.h"
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum { MESSAGES = 1500, READ_BY_KERNEL = 1024 };

static struct mmsghdr messages[MESSAGES];

int main(void) {
    int ends[2];
    char text[4] = "text";
    struct iovec stale = {make_stale(5000), 4}, good = {text, 4};
    socketpair(AF_UNIX, SOCK_DGRAM, 0, ends);
    for (int i = 0; i < MESSAGES; i++) {
        messages[i].msg_hdr =
            (struct msghdr){.msg_iov = i == 0 ? &stale : &good, .msg_iovlen = 1, .msg_flags = 77};
        messages[i].msg_len = 1000 + i;
    }
    int sent = sendmmsg(ends[0], messages, MESSAGES, MSG_DONTWAIT); // HERE: send
    int spoilt = 0;
    for (int i = READ_BY_KERNEL; i < MESSAGES; i++) {
        spoilt += messages[i].msg_hdr.msg_flags != 77 || messages[i].msg_len != 1000U + i;
    }
    printf("some sent: %d, length of the first: %u, spoilt: %d\n", sent > 0, messages[0].msg_len,
           spoilt);
    return 0;
}
