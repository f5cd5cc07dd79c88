// SPDX-License-Identifier: MIT
// A process may have 65,530 mappings (vm.max_map_count). Thousands of blocks that end at inaccessible memory need some,
// and so do seals by mprotect: both together leave enough, and the program can go on mapping memory and forking.
// STATUS: 0
// TEXT: moved blocks could not be sealed by mprotect
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BLOCKS = 60000 };

static char *blocks[BLOCKS];

const char *__realloc_guard_default_options(void) {
    return "move=always:edges=20000";
}

int main(void) {
    for (int i = 0; i < BLOCKS; i++) {
        blocks[i] = malloc(3000);
    }
    for (int i = 0; i < BLOCKS; i += 2) {
        blocks[i] = realloc(blocks[i], 100 + i % 2000);
    }
    int mapped = 0;
    for (int i = 0; i < 1000; i++) {
        mapped += mmap(NULL, 4096, i % 2 ? PROT_READ : PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                       0) != MAP_FAILED;
    }
    if (fork() == 0) {
        free(realloc(blocks[0], 50));
        _exit(7);
    }
    int status = 0;
    wait(&status);
    printf("mapped: %d, child: %d\n", mapped, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    return 0;
}
