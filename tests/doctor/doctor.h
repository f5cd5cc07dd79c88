// SPDX-License-Identifier: MIT
// Every program here does its work with small or large blocks, in the main thread or a second one, and is valid C and C++:
// PROGRAM small|large main|second.
#ifndef TESTS_DOCTOR_DOCTOR_H
#define TESTS_DOCTOR_DOCTOR_H

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t block_size;

static void work(void);

static void *start(void *unused) {
    work();
    return unused;
}

int main(int argc, char **argv) {
    pthread_t thread;
    if (argc != 3) {
        return 2;
    }
    block_size = strcmp(argv[1], "large") == 0 ? 3000000 : 40;
    if (strcmp(argv[2], "second") == 0) {
        return pthread_create(&thread, NULL, start, NULL) != 0 || pthread_join(thread, NULL) != 0;
    }
    work();
    return 0;
}

#endif
