// SPDX-License-Identifier: MIT
// However the process ends.
// OPTIONS: fail_realloc='site:*lose*'
// REPORT: lost block; access=lost; allocated=allocated
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *buffer;

static void lose(void) {
    buffer = (char *)malloc(100); // HERE: allocated
    strcpy(buffer, "lost");
    buffer = (char *)realloc(buffer, 200); // HERE: lost
}

int main(int argc, char **argv) {
    const char *way = argc > 1 ? argv[1] : "";
    lose();
    puts("done");
    fflush(stdout);
    if (strcmp(way, "exit") == 0) {
        exit(0);
    } else if (strcmp(way, "_exit") == 0) {
        _exit(0);
    } else if (strcmp(way, "_Exit") == 0) {
        _Exit(0);
    } else if (strcmp(way, "quick_exit") == 0) {
        quick_exit(0);
    }
    return 0;
}
