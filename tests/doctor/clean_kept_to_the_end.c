// SPDX-License-Identifier: MIT
// The process ends because realloc has failed, while the block is still known to a function that has been called and has
// not returned, or to main itself; also where the compiler keeps no pointer that is not used any more. And, which is not
// told, with another thread that goes on.
// OPTIONS: fail_realloc='site:*failing*'
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OPTIMIZED __attribute__((optimize("O2"), noinline))

static char *global;

static char *failing(char *block, size_t size) {
    return (char *)realloc(block, size);
}

__attribute__((noinline)) static void end(const char *text) {
    puts(text);
    fflush(stdout);
    exit(0);
}

OPTIMIZED static char *xrealloc_failing(char *block, size_t size) {
    char *larger = (char *)realloc(block, size);
    if (!larger) {
        end("done");
    }
    return larger;
}

OPTIMIZED static int read_all(void) {
    size_t size = 100;
    char *block = (char *)malloc(size);
    for (int i = 0; i < 4; i++) {
        memset(block, 'x', 8);
        size *= 2;
        block = xrealloc_failing(block, size);
    }
    free(block);
    return 0;
}

OPTIMIZED static char *append_failing(char *block, size_t size) {
    char *larger = (char *)realloc(block, size);
    if (!larger) {
        return NULL;
    }
    larger[size - 1] = 'x';
    return larger;
}

static void nested(const char *way) {
    char *block = (char *)malloc(100);
    char *larger = failing(block, 200);
    if (!larger && strcmp(way, "exit") == 0) {
        end("done");
    } else if (!larger && strcmp(way, "_exit") == 0) {
        puts("done");
        fflush(stdout);
        _exit(0);
    } else if (!larger && strcmp(way, "quick_exit") == 0) {
        puts("done");
        fflush(stdout);
        quick_exit(0);
    }
    free(larger ? larger : block);
}

static void *wait_for_ever(void *unused) {
    for (;;) {
        pause();
    }
    return unused;
}

static void leave_thread(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, wait_for_ever, NULL);
    global = (char *)malloc(100);
    global = failing(global, 200);
}

int main(int argc, char **argv) {
    const char *way = argc > 1 ? argv[1] : "";
    char *block = (char *)malloc(100);
    if (strcmp(way, "return") == 0) {
        char *larger = failing(block, 200);
        puts("done");
        return 0;
    }
    if (strcmp(way, "optimized") == 0) {
        read_all();
    } else if (strcmp(way, "thread") == 0) {
        leave_thread();
    } else if (strcmp(way, "append") == 0) {
        append_failing(block, 200);
    } else {
        nested(way);
    }
    puts("done");
    return 0;
}
