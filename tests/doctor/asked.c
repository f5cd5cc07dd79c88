// SPDX-License-Identifier: MIT
// Stops twice for a debugger, which asks for lost blocks there: at at_loss one is lost, and at at_hold the only pointer to
// another is in a register that a function may change.
// OPTIONS: fail_realloc='site:*failing*'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *global;

static void failing(void) {
    global = (char *)realloc(global, 200);
}

__attribute__((noinline)) void at_loss(void) {
    puts("at a loss");
}

__attribute__((noinline)) void at_hold(char *kept) {
    free(kept);
    puts("kept");
}

__attribute__((noinline)) static void go_on(void) {
    volatile char room[20000];
    memset((void *)room, 1, sizeof room);
}

// Keeps the pointer nowhere else.
static void hold(void) {
    size_t mask = 0x5555555555555555UL;
    global = (char *)malloc(100);
    static size_t hidden;
    hidden = (size_t)global ^ mask;
    failing();
    go_on();
    __asm__ volatile("mov %0, %%rdi\n\t"
                     "xor %1, %%rdi\n\t"
                     "mov %%rsp, %%r12\n\t"
                     "sub $256, %%rsp\n\t"
                     "and $-16, %%rsp\n\t"
                     "call at_hold\n\t"
                     "mov %%r12, %%rsp"
                     :
                     : "m"(hidden), "r"(mask)
                     : "r12", "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory",
                       "cc");
}

int main(void) {
    hold();
    global = (char *)malloc(100);
    failing();
    at_loss();
    return 0;
}
