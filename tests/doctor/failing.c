// SPDX-License-Identifier: MIT
// Twenty calls of realloc and reallocarray, by two functions in turn, the Nth for 40 N bytes; each prints its number if it
// has failed. Calls for no bytes come in between, and the last call is for no block. With the argument "fork" a child makes
// the same calls before.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CALLS = 20 };

static void show(int number, const char *block, const char *larger) {
    if (!larger) {
        printf("%d%s\n", number, errno == ENOMEM ? "" : " without ENOMEM");
    }
    if (!larger && block && strcmp(block, "as before") != 0) {
        printf("%d has changed its block\n", number);
    }
}

static void alpha(char *block, int number) {
    errno = 0;
    char *larger = realloc(block, 40 * (size_t)number);
    show(number, block, larger);
    free(larger ? larger : block);
}

static void beta(char *block, int number) {
    errno = 0;
    char *larger = reallocarray(block, 40, (size_t)number);
    show(number, block, larger);
    free(larger ? larger : block);
}

static void call_all(void) {
    for (int number = 1; number <= CALLS; number++) {
        char *block = number < CALLS ? strcpy(malloc(30), "as before") : NULL;
        number % 2 ? alpha(block, number) : beta(block, number);
        block = realloc(malloc(10), 0);
        if (block) {
            puts("realloc of 0 bytes has answered a block");
        }
    }
}

int main(int argc, char **argv) {
    if (argc > 1 && fork() == 0) {
        freopen("/dev/null", "w", stdout);
        call_all();
        return 0;
    }
    wait(NULL);
    call_all();
    return 0;
}
