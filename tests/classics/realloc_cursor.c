// SPDX-License-Identifier: MIT
// A cursor into a buffer that grows while text is put into it.
// NATIVE: undefined
// REPORT: stale write; access=write; moved=moved; allocated=allocated; now=live
#include <stdlib.h>

static char *buffer;
static size_t room = 8, used;

static void make_room(void) {
    if (used == room) {
        room *= 4;
        buffer = realloc(buffer, room); // HERE: moved
    }
}

int main(void) {
    buffer = malloc(room); // HERE: allocated
    char *cursor = buffer;
    for (int i = 0; i < 9; i++) {
        make_room();
        *cursor++ = 'x'; // HERE: write
        used++;
    }
    return 0;
}
