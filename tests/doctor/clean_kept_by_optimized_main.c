// SPDX-License-Identifier: MIT
// An optimized main that ends when realloc has failed: whether its pointer was overwritten nobody can tell, and it does not
// matter any more.
// OPTIONS: fail_realloc='site:main'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((optimize("O2"))) int main(int argc, char **argv) {
    size_t size = 100, more = argc > 1 && strcmp(argv[1], "large") == 0 ? 3000000 : 10;
    char *block = (char *)malloc(size);
    for (int i = 0; i < 5; i++) {
        memset(block, 'x', 8);
        size += more;
        char *larger = (char *)realloc(block, size);
        if (!larger) {
            puts("done");
            return 0;
        }
        block = larger;
    }
    puts("done");
    return 0;
}
