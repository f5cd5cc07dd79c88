// SPDX-License-Identifier: MIT
// A program may change the protection of its own block (here code in a page from memalign): so it stays in
// the child of fork. Must stay silent.
#include <malloc.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    unsigned char *code = memalign(4096, 4096);
    code[0] = 0xc3; // ret
    if (mprotect(code, 4096, PROT_READ | PROT_WRITE | PROT_EXEC)) {
        return 1;
    }
    ((void (*)(void))code)();
    puts("parent");
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        ((void (*)(void))code)();
        _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    printf("child: %d\n", status);
    mprotect(code, 4096, PROT_READ | PROT_WRITE);
    return 0;
}
