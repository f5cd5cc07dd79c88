// SPDX-License-Identifier: MIT
// Nothing is wrong here: the member's address is taken anew after the structure was moved. Must stay
// silent.
#include <stdio.h>
#include <stdlib.h>

struct session {
    char name[32];
    int counters[8];
    char log[];
};

int main(void) {
    struct session *session = malloc(sizeof(*session) + 100);
    if (!session) {
        return 1;
    }
    int *third = &session->counters[3];
    *third = 6;
    session = realloc(session, sizeof(*session) + 5000);
    if (!session) {
        return 1;
    }
    third = &session->counters[3];
    *third += 1;
    printf("counted %d\n", session->counters[3]);
    free(session);
    return 0;
}
