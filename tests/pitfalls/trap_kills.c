// SPDX-License-Identifier: MIT
// A breakpoint instruction in the program (int3), or SIGTRAP from raise, kills by SIGTRAP, although the
// guard has a handler of that signal for itself. The argument says which. Must stay silent.
// STATUS: -5
#include <signal.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
    puts("before");
    fflush(stdout);
    if (strcmp(argv[1], "int3") == 0) {
        __asm__ volatile("int3");
    } else {
        raise(SIGTRAP);
    }
    puts("not reached");
    return 0;
}
