// SPDX-License-Identifier: MIT
// One line frees stale pointers before and after the details of their blocks were dropped. What was reported is not
// reported anew. Blocks allocated at different places are different misuses where that is known; and one of a realloc
// not seen before is new, however little is known of it.
// NATIVE: undefined
// REPORT: stale free; access=free; moved=moved; allocated=first
// REPORT: stale free; access=free; moved=moved; allocated=second
// REPORT: stale free; access=free; moved=moved; allocated=third
// REPORT: stale free; access=free; moved=moved_too
// TEXT: \n  who allocated it was dropped
// TEXT: 4 misuses reported \(9 occurrences\)
#include <stdio.h>
#include <stdlib.h>

enum { BLOCKS = 2000, FIRST = BLOCKS / 4, SECOND, THIRD, UNSEEN, PLACES };

static char *blocks[BLOCKS];

const char *__realloc_guard_default_options(void) {
    return "move=always:history=100";
}

static char *get(void *p) {
    if (!p) {
        exit(1);
    }
    return p;
}

static void allocate_all(void) {
    for (int i = 0; i < BLOCKS; i++) {
        blocks[i] = get(malloc(100));
    }
    free(blocks[FIRST]);
    free(blocks[SECOND]);
    blocks[FIRST] = get(malloc(100));  // HERE: first
    blocks[SECOND] = get(malloc(100)); // HERE: second
}

// Views in which a block lives keep their details, so all must go.
static void drop_details(void) {
    for (int i = 0; i < 2 * BLOCKS; i++) {
        blocks[i % BLOCKS] = get(realloc(blocks[i % BLOCKS], 100 + i % 10));
    }
}

int main(void) {
    char *volatile stale[PLACES] = {NULL};
    allocate_all();
    stale[UNSEEN] = blocks[UNSEEN];
    blocks[UNSEEN] = get(realloc(stale[UNSEEN], 105)); // HERE: moved_too
    for (int round = 0; round < 3; round++) {
        if (round == 1) {
            drop_details();
            free(blocks[THIRD]);
            blocks[THIRD] = get(malloc(100)); // HERE: third
        }
        for (int i = FIRST; i <= (round == 0 ? SECOND : THIRD); i++) {
            if (!stale[i]) {
                stale[i] = blocks[i];
                blocks[i] = get(realloc(stale[i], 105)); // HERE: moved
            }
        }
        for (int i = FIRST; i < (round == 2 ? PLACES : UNSEEN); i++) {
            if (stale[i]) {
                free(stale[i]); // HERE: free
            }
        }
    }
    for (int i = 0; i < BLOCKS; i++) {
        free(blocks[i]);
    }
    return 0;
}
