// SPDX-License-Identifier: MIT
// A thread can be cancelled in a call that waits. The C library's functions must stay cancellation points
// behind ours, with any kind of buffer, and the thread's clean-up handlers must run. A stale buffer in such
// a call is reported.
// COUNT: 3
// TEXT: for read \(argument buf\)
// TEXT: for recvmsg \(argument msg_iov\)
#include "stale.h"
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int ends[2], talk[2], listener;
static char *buffers[3]; // on the stack, in a block, in a block that has moved

static void do_read(char *p) {
    read(ends[0], p, 10);
}
static void do_readv(char *p) {
    readv(ends[0], &(struct iovec){p, 10}, 1);
}
static void do_recvmsg(char *p) {
    recvmsg(talk[0], &(struct msghdr){.msg_iov = &(struct iovec){p, 10}, .msg_iovlen = 1}, 0);
}
static void do_poll(char *p) {
    *(struct pollfd *)p = (struct pollfd){ends[0], POLLIN};
    poll((void *)p, 1, -1);
}
static void do_ppoll(char *p) {
    *(struct pollfd *)p = (struct pollfd){ends[0], POLLIN};
    ppoll((void *)p, 1, NULL, NULL);
}
static void do_epoll(char *p) {
    epoll_wait(epoll_create1(0), (void *)p, 1, -1);
}
static void do_accept(char *p) {
    accept(listener, (void *)p, &(socklen_t){16});
}
static void do_open(char *p) {
    strcpy(p, "/dev/null");
    open(p, O_RDONLY);
}
static void do_nanosleep(char *p) {
    *(struct timespec *)p = (struct timespec){1000, 0};
    nanosleep((void *)p, NULL);
}
static void do_fcntl(char *p) {
    *(struct flock *)p = (struct flock){F_RDLCK};
    fcntl(ends[0], F_SETLKW, p);
}

static const struct {
    const char *name;
    void (*run)(char *p);
    int buffers;
} calls[] = {{"read", do_read, 3},     {"readv", do_readv, 3}, {"recvmsg", do_recvmsg, 3},
             {"poll", do_poll, 2},     {"ppoll", do_ppoll, 2}, {"epoll_wait", do_epoll, 2},
             {"accept", do_accept, 2}, {"open", do_open, 2},   {"nanosleep", do_nanosleep, 2},
             {"fcntl", do_fcntl, 2}};

static const char *cleaned;

static void clean_up(void *arg) {
    cleaned = arg;
}

static void *run(void *arg) {
    long number = (long)arg;
    char on_stack[200];
    char *p = number % 3 == 0 ? on_stack : buffers[number % 3];
    pthread_cleanup_push(clean_up, (void *)calls[number / 3].name);
    // Acted upon in the call, whether that would wait or not.
    pthread_cancel(pthread_self());
    calls[number / 3].run(p);
    pthread_cleanup_pop(0);
    return NULL;
}

int main(void) {
    buffers[1] = malloc(200);
    buffers[2] = make_stale(200);
    pipe(ends);
    socketpair(AF_UNIX, SOCK_DGRAM, 0, talk);
    listener = socket(AF_UNIX, SOCK_STREAM, 0);
    listen(listener, 1);
    for (unsigned i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        for (int buffer = 0; buffer < calls[i].buffers; buffer++) {
            pthread_t thread;
            void *result;
            cleaned = "nothing";
            pthread_create(&thread, NULL, run, (void *)(3L * i + buffer));
            pthread_join(thread, &result);
            printf("%s: %s, cleaned %s\n", calls[i].name,
                   result == PTHREAD_CANCELED ? "cancelled" : "went on", cleaned);
        }
    }
    return 0;
}
