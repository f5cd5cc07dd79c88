// SPDX-License-Identifier: MIT
// mlockall(MCL_CURRENT | MCL_FUTURE) locks all memory there is and will be; guard markers are refused
// there (EINVAL), and a reservation must not become real memory. The program runs as without.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

enum { BLOCKS = 2000, MB = 1 << 20, ALLOWED_MB = 400 };

int main(void) {
    static char *blocks[BLOCKS];
    struct rusage usage;
    int wrong = 0;
    printf("locked: %d\n", mlockall(MCL_CURRENT | MCL_FUTURE));
    for (size_t i = 0; i < BLOCKS; i++) {
        blocks[i] = malloc(i + 1);
        memset(blocks[i], (int)i, i + 1);
    }
    for (size_t i = 0; i < BLOCKS; i++) {
        blocks[i] = realloc(blocks[i], 2 * i + 10);
        wrong += blocks[i][i] != (char)i;
    }
    char *large = realloc(malloc(20 * MB), 40 * MB);
    printf("wrong blocks: %d, large: %d\n", wrong, large != NULL);
    getrusage(RUSAGE_SELF, &usage);
    printf("address: resident %ld MB\n", usage.ru_maxrss / 1024);
    printf("bounded: %d\n", usage.ru_maxrss / 1024 < ALLOWED_MB);
    return 0;
}
