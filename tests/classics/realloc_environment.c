// SPDX-License-Identifier: MIT
// An array of strings for a program to be executed, grown after its address was noted.
// NATIVE: undefined
// REPORT: stale write; access=write; moved=moved; allocated=allocated; now=live
#include <stdlib.h>

struct command {
    char **arguments;
};

int main(void) {
    size_t count = 2;
    char **arguments = calloc(count, sizeof *arguments); // HERE: allocated
    struct command command = {arguments};
    arguments = realloc(arguments, (count + 20) * sizeof *arguments); // HERE: moved
    command.arguments[1] = NULL;                                      // HERE: write
    return arguments == NULL;
}
