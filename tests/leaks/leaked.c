// SPDX-License-Identifier: MIT
// Each way in which blocks are leaked. Valid C and C++.
#include "leaks.h"

#include "../../src/realloc_guard.h"

static NOINLINE void overwrite(void) {
    global = make(100);
    global = make(100);
}

static NOINLINE void forget_three(void) {
    for (int i = 0; i < 3; i++) {
        make(40);
    }
}

static NOINLINE void forget_large(void) {
    make(3000000);
}

static NOINLINE void forget_pages(void) {
    make(10000);
}

static NOINLINE void forget_list(void) {
    struct node *list = NULL;
    for (int i = 0; i < 4; i++) {
        list = make_node(list);
    }
}

static NOINLINE void forget_ring(void) {
    struct node *a = make_node(NULL), *b = make_node(a), *c = make_node(b);
    a->next = c;
    c->other = make_node(NULL);
}

static NOINLINE void forget_two_rings(void) {
    // The second one hangs on the first, whatever their addresses are.
    struct node *a = make_node(NULL), *b = make_node(a), *c = make_node(NULL), *d = make_node(c);
    a->next = b;
    c->next = d;
    d->other = a;
}

static NOINLINE void forget_self(void) {
    struct node *a = make_node(NULL);
    a->next = a;
}

static NOINLINE void forget_ladder(void) {
    char *p = NULL;
    for (size_t size = 100; size <= 100000; size *= 10) {
        p = (char *)realloc(p, size);
    }
}

static NOINLINE void forget_string(void) {
    char *p = (char *)malloc(60);
    p = strdup("a string of text");
    free(p);
}

static void *leak_in_thread(void *unused) {
    void *p = make(77);
    __asm__ volatile("" : : "r"(p) : "memory");
    return unused;
}

static void *keep_in_ended(void *unused) {
    local_to_thread = make(88);
    return unused;
}

static NOINLINE void hide(void) {
    global = (void *)~(uintptr_t)make(50);
}

static NOINLINE void run_child(void (*leave)(int)) {
    pid_t child = fork();
    if (child == 0) {
        make(33);
        forget();
        leave(0);
    }
    waitpid(child, NULL, 0);
}

static NOINLINE void recurse(size_t depth, size_t size) {
    if (depth == 0) {
        make(size);
    } else {
        recurse(depth - 1, size);
    }
    __asm__ volatile("" ::: "memory");
}

static NOINLINE void many(void) {
    for (size_t i = 0; i < 60; i++) {
        recurse(i, 10 + i); // each is another place: the depth of the stack differs
    }
}

static NOINLINE void forget_tail(void) {
    // The list's owner is freed without what it owns.
    struct node *owner = make_node(make_node(make_node(NULL)));
    free(owner);
}

static void leave_in_handler(int number) {
    (void)number;
    exit(0);
}

static NOINLINE void leave_by_signal(void) {
    forget_three();
    forget();
    signal(SIGUSR1, leave_in_handler);
    raise(SIGUSR1);
}

// What it holds itself is not leaked, and what was told is not told again.
static NOINLINE void ask(void) {
    void *volatile held = make(50);
    forget();
    printf("%d\n", realloc_guard_check_leaks());
    forget_three();
    forget();
    for (int i = 0; i < 2; i++) {
        printf("%d\n", realloc_guard_check_leaks());
    }
    free(held);
}

static void work(void) {
    if (is("overwritten")) {
        overwrite();
    } else if (is("three")) {
        forget_three();
    } else if (is("large")) {
        forget_large();
    } else if (is("pages")) {
        forget_pages();
    } else if (is("list")) {
        forget_list();
    } else if (is("ring")) {
        forget_ring();
    } else if (is("two_rings")) {
        forget_two_rings();
    } else if (is("self")) {
        forget_self();
    } else if (is("ladder")) {
        forget_ladder();
    } else if (is("plain")) {
        forget_string();
    } else if (is("in_thread")) {
        run_threads(leak_in_thread, 1);
    } else if (is("ended_threads")) {
        run_threads(keep_in_ended, 5);
    } else if (is("hidden")) {
        hide();
    } else if (is("child_exits")) {
        run_child(exit);
    } else if (is("child_leaves")) {
        run_child(_exit);
    } else if (is("inherited")) {
        forget_three();
        forget();
        run_child(exit);
    } else if (is("many")) {
        many();
    } else if (is("tail")) {
        forget_tail();
    } else if (is("handler")) {
        leave_by_signal();
    } else if (is("at_exit")) {
        forget_three();
        forget();
        exit(0);
    } else if (is("among_threads")) {
        leave_thread(make(50));
        forget_three();
    } else if (is("asked")) {
        ask();
    } else if (is("left")) {
        forget_three();
        forget();
        _exit(0);
    } else if (is("left_quickly")) {
        forget_three();
        forget();
        quick_exit(0);
    }
}
