// SPDX-License-Identifier: MIT
// A process may have 65,530 mappings (vm.max_map_count). A block that is moved all the time while
// others of its size stay where they are must leave no mapping behind.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOVES = 200000, SIZE = 1000, RESIDENTS = 13, OTHERS = 3 };

static int count_mappings(void) {
    FILE *maps = fopen("/proc/self/maps", "r");
    int count = 0;
    for (int c; (c = getc(maps)) != EOF;) {
        count += c == '\n';
    }
    fclose(maps);
    return count;
}

int main(void) {
    // These are as many blocks as fit into the first memory that the guard takes for a size: what the
    // others leave is used again and again, beside a resident in the same view.
    char *residents[RESIDENTS], *others[OTHERS];
    for (int i = 0; i < RESIDENTS; i++) {
        residents[i] = malloc(SIZE);
        memset(residents[i], 'a' + i, SIZE);
    }
    for (int i = 0; i < OTHERS; i++) {
        others[i] = malloc(SIZE);
    }
    for (int i = 1; i < OTHERS; i++) {
        free(others[i]);
    }
    char *block = others[0];
    for (int i = 0; i < MOVES; i++) {
        block = realloc(block, SIZE);
        if (!block) {
            printf("no memory after %d moves\n", i);
            return 1;
        }
    }
    printf("few mappings: %d\n", count_mappings() < 1000);
    for (int i = 0; i < RESIDENTS; i++) {
        printf("%c%c", residents[i][0], residents[i][SIZE - 1]);
    }
    printf("\n");
    return 0;
}
