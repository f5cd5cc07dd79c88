// SPDX-License-Identifier: MIT
// A counter in a freed object is counted down.
// OPTIONS: seal_freed=1
// NATIVE: undefined
// REPORT: write after free; access=write; freed=freed; allocated=allocated
#include <stdlib.h>

struct session {
    char name[24];
    int users;
};

static void leave(struct session *session) {
    session->users = 0; // HERE: write
}

int main(void) {
    struct session *session = malloc(sizeof *session); // HERE: allocated
    session->users = 1;
    free(session); // HERE: freed
    leave(session);
    return 0;
}
