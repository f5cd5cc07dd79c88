// SPDX-License-Identifier: MIT
// Hand-written code whose unwind data are right for a debugger's purposes only: rbp has been popped again, and
// is still said to lie where it was, which is below the stack pointer by then. Must stay silent.
#include <stdio.h>
#include <stdlib.h>

void *allocate_after_pop(void);
void *align_and_allocate(void);
__asm__(".pushsection .text\n"
        "allocate_after_pop:\n"
        ".cfi_startproc\n"
        "push %rbp\n"
        ".cfi_def_cfa_offset 16\n"
        ".cfi_offset %rbp, -16\n"
        "pop %rbp\n"
        ".cfi_def_cfa_offset 8\n"
        "mov $32, %edi\n"
        "call malloc@PLT\n"
        "ret\n"
        ".cfi_endproc\n"
        "align_and_allocate:\n"
        ".cfi_startproc\n"
        "call allocate_after_pop\n"
        "ret\n"
        ".cfi_endproc\n"
        ".popsection\n");

// Uses rbp as a frame pointer.
static __attribute__((noinline)) void *call_it(int room) {
    char *volatile frame = __builtin_alloca(room);
    frame[0] = 1;
    return align_and_allocate();
}

int main(void) {
    for (int i = 0; i < 5; i++) {
        free(call_it(40));
    }
    puts("fine");
    return 0;
}
