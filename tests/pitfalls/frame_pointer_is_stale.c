// SPDX-License-Identifier: MIT
// Code without unwind tables faults while its frame register holds the stale pointer. Whoever walks the stack
// takes that for a frame, and asks the kernel whether it can be read: that is no use by the program.
// COUNT: 1
// TEXT: => #0 read_by_frame_register
#include "stale.h"
#include <stdio.h>

long read_by_frame_register(const char *p);
__asm__(".text\n"
        ".globl read_by_frame_register\n"
        ".type read_by_frame_register, @function\n"
        "read_by_frame_register:\n"
        "push %rbp\n"
        "mov %rdi, %rbp\n"
        "mov (%rbp), %rax\n"
        "pop %rbp\n"
        "ret\n"
        ".size read_by_frame_register, . - read_by_frame_register\n");

int main(void) {
    printf("%d\n", read_by_frame_register(make_stale(100) + 32) == 0x6161616161616161);
    return 0;
}
