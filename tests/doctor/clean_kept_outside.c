// SPDX-License-Identifier: MIT
// A pointer that is nowhere but in a file that is mapped, in memory that is inaccessible for now, across two pages, in a
// variable below a thread's stack that the program has made, or with the kernel: in an epoll set, a timer, a pipe, a
// queue of messages, or as the stack for signals. Or one that leads to before the first element, as of an array that is
// counted from 1.
// OPTIONS: fail_realloc='site:*failing*'
#include "../support/temporary.h"

#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096 };

static struct {
    char *pointer;
    char room[2 * PAGE];
    char stack[16 * PAGE] __attribute__((aligned(PAGE)));
} mine __attribute__((aligned(2 * PAGE)));
static char **holder;

__attribute__((noinline)) static char *failing(char *block) {
    return (char *)realloc(block, 200000);
}

// What held it at the call is NULL afterwards, as if the result had been stored there.
static void make(void) {
    *holder = (char *)malloc(100000);
    failing(*holder);
}

static void in_file(void) {
    char name[] = "/tmp/kept_outside_" SIX_X;
    int fd = mkstemp(name);
    if (unlink(name) == 0 && ftruncate(fd, PAGE) == 0) {
        char **p = (char **)mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        *p = *holder;
    }
    close(fd);
}

static void in_closed_memory(void) {
    char **p =
        (char **)mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *p = *holder;
    mprotect(p, PAGE, PROT_NONE);
}

static void across_pages(void) {
    static char *table;
    table = (char *)calloc(5, PAGE);
    memcpy(table + 2 * PAGE - 3, holder, sizeof *holder);
}

static void in_epoll(void) {
    struct epoll_event event;
    int ends[2];
    memset(&event, 0, sizeof event);
    event.events = EPOLLIN;
    event.data.ptr = *holder;
    if (pipe(ends) == 0) {
        epoll_ctl(epoll_create1(0), EPOLL_CTL_ADD, ends[0], &event);
    }
    memset(&event, 0, sizeof event);
}

static void in_timer(void) {
    struct sigevent event;
    timer_t timer;
    memset(&event, 0, sizeof event);
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGUSR1;
    event.sigev_value.sival_ptr = *holder;
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    memset(&event, 0, sizeof event);
}

static void in_pipe(void) {
    int ends[2];
    if (pipe(ends) == 0 && write(ends[1], holder, sizeof *holder) < 0) {
        abort();
    }
}

static void in_standard_input(void) {
    int ends[2];
    if (pipe(ends) < 0 || dup2(ends[0], 0) < 0 || dup2(ends[1], 2) < 0 || close(ends[0]) < 0 ||
        close(ends[1]) < 0 || write(2, holder, sizeof *holder) < 0) {
        abort();
    }
}

static int queue = -1;

static void remove_queue(void) {
    msgctl(queue, IPC_RMID, NULL);
}

static void in_queue(void) {
    struct {
        long type;
        char *pointer;
    } message = {1, *holder};
    queue = msgget(IPC_PRIVATE, 0600);
    atexit(remove_queue);
    if (queue < 0 || msgsnd(queue, &message, sizeof message.pointer, 0) < 0) {
        abort();
    }
    message.pointer = NULL;
}

static void in_posix_queue(void) {
    struct mq_attr attributes;
    char name[32];
    memset(&attributes, 0, sizeof attributes);
    attributes.mq_maxmsg = 1;
    attributes.mq_msgsize = sizeof *holder;
    snprintf(name, sizeof name, "/kept_outside_%d", (int)getpid());
    mqd_t posix = mq_open(name, O_CREAT | O_RDWR, 0600, &attributes);
    mq_unlink(name);
    if (posix == (mqd_t)-1 || mq_send(posix, (const char *)holder, sizeof *holder, 0) < 0) {
        abort();
    }
}

static void as_signal_stack(void) {
    stack_t stack;
    memset(&stack, 0, sizeof stack);
    stack.ss_sp = *holder;
    stack.ss_size = 100000;
    if (sigaltstack(&stack, NULL) < 0) {
        abort();
    }
    memset(&stack, 0, sizeof stack);
}

static char *volatile before_first;
static void counted_from_one(void) {
    before_first = *holder - sizeof(double);
}

static void *below_stack(void *unused) {
    make();
    mine.pointer = *holder;
    *holder = NULL;
    return unused;
}

static void run_below_stack(void) {
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstack(&attributes, mine.stack, sizeof mine.stack);
    pthread_create(&thread, &attributes, below_stack, NULL);
    pthread_join(thread, NULL);
}

// What is left of the frames of others is overwritten.
static void go_on(void) {
    volatile char room[20000];
    memset((void *)room, 1, sizeof room);
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*keep)(void);
    } ways[] = {{"file", in_file},
                {"closed", in_closed_memory},
                {"across", across_pages},
                {"epoll", in_epoll},
                {"timer", in_timer},
                {"pipe", in_pipe},
                {"input", in_standard_input},
                {"queue", in_queue},
                {"posix", in_posix_queue},
                {"signals", as_signal_stack},
                {"before", counted_from_one}};
    const char *way = argc > 1 ? argv[1] : "";
    holder = (char **)malloc(sizeof *holder);
    *holder = NULL;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        if (strcmp(way, ways[i].name) == 0) {
            make();
            ways[i].keep();
            *holder = NULL;
        }
    }
    if (strcmp(way, "below") == 0) {
        run_below_stack();
    }
    go_on();
    puts("done");
    return 0;
}
