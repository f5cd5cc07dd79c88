// SPDX-License-Identifier: MIT
// One call that sends several messages, the first of them from a block that has moved: the kernel then reads the
// headers elsewhere, and what it stores in them must come back, to those headers alone. There may be more of
// them than it takes, or than it can read.
// REPORT: stale read; access=too_many; now=live
// REPORT: stale read; access=unreadable; now=live
// REPORT: stale read; access=straddling; now=live
// TEXT: for sendmmsg \(argument msg_iov\)
#include "stale.h"
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum { MESSAGES = 1500, TAKEN = 1024 };

static struct mmsghdr messages[MESSAGES];
static char text[4] = "text";
static struct iovec stale, good = {text, 4};

static void fill(struct mmsghdr *m, int count) {
    for (int i = 0; i < count; i++) {
        m[i].msg_hdr =
            (struct msghdr){.msg_iov = i == 0 ? &stale : &good, .msg_iovlen = 1, .msg_flags = 77};
        m[i].msg_len = 1000 + i;
    }
}

static void show(const struct mmsghdr *m, int sent) {
    printf("sent %d, errno %d, lengths %u %u\n", sent, sent < 0 ? errno : 0, m[0].msg_len,
           m[1].msg_len);
}

int main(void) {
    int ends[2];
    stale = (struct iovec){make_stale(5000), 4};
    socketpair(AF_UNIX, SOCK_DGRAM, 0, ends);
    fill(messages, MESSAGES);
    messages[2].msg_hdr.msg_iov = NULL;                             // the last one that is tried
    int sent = sendmmsg(ends[0], messages, MESSAGES, MSG_DONTWAIT); // HERE: too_many
    show(messages, sent);
    int spoilt = 0;
    for (int i = TAKEN; i < MESSAGES; i++) {
        spoilt += messages[i].msg_hdr.msg_flags != 77 || messages[i].msg_len != 1000U + i;
    }
    printf("spoilt: %d\n", spoilt);

    char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(pages + 4096, 4096, PROT_NONE);
    struct mmsghdr *last = (void *)(pages + 4096 - 2 * sizeof *last);
    fill(last, 2);
    sent = sendmmsg(ends[0], last, 5, MSG_DONTWAIT); // HERE: unreadable
    show(last, sent);
    last = (void *)((char *)last - sizeof *last / 2); // a third begins in the first page
    fill(last, 2);
    sent = sendmmsg(ends[0], last, 5, MSG_DONTWAIT); // HERE: straddling
    show(last, sent);
    return 0;
}
