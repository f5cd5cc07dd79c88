// SPDX-License-Identifier: MIT
// What the programs here have in common: PROGRAM WAY does one thing with some blocks, and what must be reported of it is in
// check_leaks.py. Built without optimization.
#ifndef TESTS_LEAKS_LEAKS_H
#define TESTS_LEAKS_LEAKS_H

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline, unused))

struct node {
    struct node *next, *other;
    char text[64];
};

static void *volatile global;
static __thread void *volatile local_to_thread;

// What was on the stack, or in registers, of calls that have returned is overwritten.
static NOINLINE void forget(void) {
    volatile char stack[16384];
    memset((void *)stack, 0, sizeof stack);
    __asm__ volatile("" ::: "rbx", "r12", "r13", "r14", "r15", "memory");
}

static NOINLINE void *make(size_t size) {
    void *p = malloc(size);
    memset(p, 1, size);
    return p;
}

static NOINLINE struct node *make_node(struct node *next) {
    struct node *n = (struct node *)malloc(sizeof *n);
    memset(n, 0, sizeof *n);
    n->next = next;
    return n;
}

static NOINLINE void run_threads(void *(*fn)(void *), int count) {
    for (int i = 0; i < count; i++) {
        pthread_t thread;
        pthread_create(&thread, NULL, fn, NULL);
        pthread_join(thread, NULL);
    }
}

static NOINLINE void *wait_for_ever(void *p) {
    void *volatile kept = p;
    *(volatile int *)p = 1;
    for (;;) {
        pause();
    }
    return kept;
}

// A thread that goes on, and has a pointer to the block.
static NOINLINE void leave_thread(void *p) {
    pthread_t thread;
    *(volatile int *)p = 0;
    pthread_create(&thread, NULL, wait_for_ever, p);
    while (*(volatile int *)p == 0) {
    }
}

static const char *way;

static int is(const char *name) {
    return strcmp(way, name) == 0;
}

static void work(void);

int main(int argc, char **argv) {
    if (argc != 2) {
        return 2;
    }
    way = argv[1];
    work();
    forget();
    puts("done");
    return 0;
}

#endif
