// SPDX-License-Identifier: MIT
// A large block grows by realloc under a limit on data that holds it once and a half: what it leaves where it was
// must not count.
// COUNT: 0
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

static const size_t MIB = 1 << 20;

int main(void) {
    struct rlimit limit = {256 * MIB, 256 * MIB};
    setrlimit(RLIMIT_DATA, &limit);
    size_t size = 60 * MIB;
    char *p = malloc(size);
    for (; p && size < 200 * MIB; size += 10 * MIB) {
        p[size - 1] = 'x';
        char *q = realloc(p, size + 10 * MIB);
        if (!q || q[size - 1] != 'x') {
            printf("failed at %zu MiB\n", size / MIB);
            return 1;
        }
        p = q;
    }
    puts("grew");
    free(p);
    return 0;
}
