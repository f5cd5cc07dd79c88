// SPDX-License-Identifier: MIT
// The program asks for lost blocks while somebody knows the only one whose realloc has failed: a variable of a function
// further out, a global one, or a register, also of code that a debugger has interrupted; or while there is another thread, when nobody can tell.
// OPTIONS: fail_realloc='site:*failing*'
#include "../../src/realloc_guard.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *holder, *global;
static int ends[2];

// Without the guard the block stays where it is.
static void failing(void) {
    holder = (char *)realloc(holder, 50);
}

static void expect(int wanted) {
    int answer = realloc_guard_find_lost ? realloc_guard_find_lost() : wanted;
    if (answer != wanted) {
        printf("%d\n", answer);
    }
}

// The variable that holds the pointer at the call is overwritten: but for who has got it before, it would be lost.
static void lose(void) {
    char room[10000];
    failing();
    memset(room, 1, sizeof room);
    expect(0);
}

static void keep_in_caller(void) {
    char *kept = holder;
    lose();
    free(kept);
}

static void keep_in_global(void) {
    global = holder;
    lose();
    free(global);
}

// What is left of the frames of others is overwritten.
static void go_on(void) {
    char room[10000];
    memset(room, 1, sizeof room);
}

static int (*const find_it)(void) = realloc_guard_find_lost;
static void (*const fail)(void) = failing;
static void (*const go_on_now)(void) = go_on;
static char *kept_in_register;
static int answer_now;

// The register belongs to this function, and it asks itself, so that no other one has saved it.
static void keep_in_register(void) {
    if (!find_it) {
        free(holder);
        return;
    }
    __asm__ volatile("mov %2, %%rbx\n\t"
                     "mov %%rsp, %%r12\n\t"
                     "sub $256, %%rsp\n\t"
                     "and $-16, %%rsp\n\t"
                     "call *%3\n\t"
                     "call *%4\n\t"
                     "call *%5\n\t"
                     "mov %%eax, %0\n\t"
                     "mov %%rbx, %1\n\t"
                     "mov %%r12, %%rsp"
                     : "=m"(answer_now), "=m"(kept_in_register)
                     : "m"(holder), "m"(fail), "m"(go_on_now), "m"(find_it)
                     : "rbx", "r12", "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11",
                       "memory", "cc");
    if (answer_now != 0) {
        printf("%d\n", answer_now);
    }
    free(kept_in_register);
}

// As under a debugger, which makes the program call it anywhere: the pointer is in a register that functions may change, and
// the place to return to has no call before it.
static size_t hidden;
static void ask_while_interrupted(void) {
    const size_t mask = 0x5555555555555555UL;
    char room[10000];
    int answer = 0;
    hidden = (size_t)holder ^ mask;
    failing();
    memset(room, 1, sizeof room);
    if (!find_it) {
        return;
    }
    __asm__ volatile("mov %%rsp, %%r12\n\t"
                     "sub $256, %%rsp\n\t"
                     "and $-16, %%rsp\n\t"
                     "mov %1, %%rdi\n\t"
                     "xor %2, %%rdi\n\t"
                     "lea 1f(%%rip), %%rax\n\t"
                     "push %%rax\n\t"
                     "xor %%eax, %%eax\n\t"
                     "jmp *%3\n\t"
                     ".fill 16, 1, 0x90\n\t"
                     "1: mov %%r12, %%rsp\n\t"
                     "mov %%eax, %0"
                     : "=m"(answer)
                     : "m"(hidden), "r"(mask), "m"(find_it)
                     : "r12", "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory",
                       "cc");
    if (answer != 0) {
        printf("%d\n", answer);
    }
    free((void *)(hidden ^ mask));
}

static void *wait_for_end(void *unused) {
    char byte;
    return read(ends[0], &byte, 1) < 0 ? unused : NULL;
}

static void keep_nowhere_beside_thread(void) {
    pthread_t thread;
    if (pipe(ends) != 0 || pthread_create(&thread, NULL, wait_for_end, NULL) != 0) {
        abort();
    }
    // Hidden from who reads memory: the other thread might have it in a register.
    volatile size_t mask = 0x5555555555555555UL;
    hidden = (size_t)holder ^ mask;
    failing();
    expect(-1);
    free((void *)(hidden ^ mask));
    close(ends[1]);
    pthread_join(thread, NULL);
}

int main(int argc, char **argv) {
    const char *way = argc > 1 ? argv[1] : "";
    holder = (char *)malloc(100);
    if (strcmp(way, "caller") == 0) {
        keep_in_caller();
    } else if (strcmp(way, "global") == 0) {
        keep_in_global();
    } else if (strcmp(way, "register") == 0) {
        keep_in_register();
    } else if (strcmp(way, "interrupted") == 0) {
        ask_while_interrupted();
    } else {
        keep_nowhere_beside_thread();
    }
    puts("done");
    return 0;
}
