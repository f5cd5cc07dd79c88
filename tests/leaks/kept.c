// SPDX-License-Identifier: MIT
// Each place that keeps a block from being leaked. Valid C and C++.
#include "leaks.h"

#include <fcntl.h>
#include <setjmp.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <ucontext.h>

static char packed[64] __attribute__((aligned(8)));
static volatile uintptr_t boxed;
static void **volatile page;
static pthread_key_t key;

static NOINLINE void keep_in_register(void) {
    void *p = make(50);
    uintptr_t hidden = ~(uintptr_t)p;
    p = NULL;
    forget();
    __asm__ volatile("not %%rbx; and $-16, %%rsp; xor %%edi, %%edi; xor %%eax, %%eax; call exit@PLT"
                     :
                     : "b"(hidden));
}

static NOINLINE void keep_in_page(int protection, int flags) {
    page = (void **)mmap(NULL, 4096, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
    *page = make(50);
    mprotect((void *)page, 4096, protection);
}

static NOINLINE void keep_unaligned(void) {
    void *p = make(50);
    memcpy(packed + 3, &p, sizeof p);
}

static NOINLINE void keep_tagged(void) {
    global = (void *)((uintptr_t)make(50) | 7);
    local_to_thread = (void *)((uintptr_t)make(50) | (uintptr_t)0x55 << 56);
    boxed = (uintptr_t)make(50) | (uintptr_t)0x1fffb << 47; // as LuaJIT does
}

static NOINLINE void keep_ends(void) {
    static char *volatile ends[4];
    ends[0] = (char *)make(4096) + 4096;
    ends[1] = (char *)make(64) + 64;
    ends[2] = (char *)make(64) - 4; // an array of int that is counted from 1
    ends[3] = (char *)make(8192) - 8;
}

static NOINLINE void keep_in_specific(void) {
    pthread_key_create(&key, NULL);
    pthread_setspecific(key, make(50));
}

static NOINLINE void keep_in_epoll(void) {
    struct epoll_event event;
    int queue = epoll_create1(0);
    int ends[2];
    if (pipe(ends) != 0) {
        exit(3);
    }
    event.events = EPOLLIN;
    event.data.ptr = make(50);
    epoll_ctl(queue, EPOLL_CTL_ADD, ends[0], &event);
}

static NOINLINE void keep_in_jump(void) {
    static jmp_buf buf;
    register void *p __asm__("r13") = make(50);
    __asm__ volatile("" : "+r"(p));
    if (setjmp(buf) == 0) {
        __asm__ volatile("" : : "r"(p));
        return;
    }
}

static NOINLINE void keep_in_list(void) {
    struct node *list = NULL;
    for (int i = 0; i < 1000; i++) {
        list = make_node(list);
    }
    global = list;
}

static NOINLINE void keep_in_context(void) {
    static ucontext_t context;
    getcontext(&context);
    context.uc_stack.ss_sp = make(65536);
    context.uc_stack.ss_size = 65536;
    global = &context;
}

static void free_global(void) {
    free(global);
}

static void on_signal(int number) {
    (void)number;
    exit(0);
}

static NOINLINE void keep_in_pipe(void) {
    int ends[2];
    void *p = make(50);
    if (pipe(ends) != 0 || write(ends[1], &p, sizeof p) != sizeof p) {
        exit(3);
    }
}

// Pointers of threads that go on are in registers for moments.
static void *be_quick(void *unused) {
    free(realloc(malloc(100), 300));
    return unused;
}

static pthread_barrier_t all_begin;

static void *be_busy(void *unused) {
    pthread_barrier_wait(&all_begin);
    char *blocks[32] = {NULL};
    pthread_t quick;
    for (unsigned n = 1;; n = n * 1103515245 + 12345) {
        char **block = &blocks[n >> 16 & 31];
        if (*block && (n >> 28 & 1)) {
            free(*block);
            *block = NULL;
        } else {
            *block = (char *)realloc(*block, 10 + (n >> 8) % 5000);
        }
        if ((n >> 20 & 1023) == 0 && pthread_create(&quick, NULL, be_quick, NULL) == 0) {
            pthread_detach(quick);
        }
    }
    return unused;
}

static NOINLINE void leave_busy_threads(void) {
    enum { BUSY = 4 };
    pthread_barrier_init(&all_begin, NULL, BUSY + 1);
    for (int i = 0; i < BUSY; i++) {
        pthread_t thread;
        pthread_create(&thread, NULL, be_busy, NULL);
    }
    pthread_barrier_wait(&all_begin);
}

static NOINLINE void free_in_child(void) {
    // The parent still needs it, and the child does not free it.
    global = make(50);
    if (fork() == 0) {
        global = NULL;
        exit(0);
    }
    wait(NULL);
}

static void work(void) {
    void *volatile held = NULL;
    if (is("register")) {
        keep_in_register();
    } else if (is("page")) {
        keep_in_page(PROT_READ | PROT_WRITE, MAP_PRIVATE);
    } else if (is("read_only_page")) {
        keep_in_page(PROT_READ, MAP_PRIVATE);
    } else if (is("closed_page")) {
        keep_in_page(PROT_NONE, MAP_PRIVATE);
    } else if (is("shared_page")) {
        keep_in_page(PROT_READ | PROT_WRITE, MAP_SHARED);
    } else if (is("unaligned")) {
        keep_unaligned();
    } else if (is("tagged")) {
        keep_tagged();
    } else if (is("ends")) {
        keep_ends();
    } else if (is("specific")) {
        keep_in_specific();
    } else if (is("epoll")) {
        keep_in_epoll();
    } else if (is("jump")) {
        keep_in_jump();
    } else if (is("kept_list")) {
        keep_in_list();
    } else if (is("context")) {
        keep_in_context();
    } else if (is("global")) {
        global = make(50);
    } else if (is("interior")) {
        global = (char *)make(50) + 20;
    } else if (is("local")) {
        local_to_thread = make(50);
    } else if (is("pipe")) {
        keep_in_pipe();
    } else if (is("atexit")) {
        global = make(50);
        atexit(free_global);
    } else if (is("running")) {
        leave_thread(make(50));
    } else if (is("busy")) {
        leave_busy_threads();
    } else if (is("parent")) {
        free_in_child();
    } else if (is("held")) {
        held = make(50);
        forget();
        exit(held == NULL);
    } else if (is("signal")) {
        held = make(50);
        signal(SIGUSR1, on_signal);
        raise(SIGUSR1);
    }
}
