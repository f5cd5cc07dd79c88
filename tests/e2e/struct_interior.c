// SPDX-License-Identifier: MIT
// A pointer to a member is kept while the structure around it is moved. The write through it must be
// reported at offset 44 of the old block.
// REPORT: stale write; access=write; moved=moved; allocated=allocated; now=live
// TEXT: offset 44\b
#include <stdio.h>
#include <stdlib.h>

struct session {
    char name[32];
    int counters[8];
    char log[];
};

int main(void) {
    struct session *session = malloc(sizeof(*session) + 100); // HERE: allocated
    if (!session) {
        return 1;
    }
    int *volatile third = &session->counters[3];
    session = realloc(session, sizeof(*session) + 5000); // HERE: moved
    if (!session) {
        return 1;
    }
    *third = 7; // HERE: write
    puts("counted");
    free(session);
    return 0;
}
