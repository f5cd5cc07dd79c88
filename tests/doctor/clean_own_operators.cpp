// SPDX-License-Identifier: MIT
// A program with operators of its own: new[] and delete get their memory from the guard's, by others than those that
// end it. Works, and is not reported.
#include "doctor.h"

#include <new>

static int calls;

void *operator new[](size_t size) {
    calls++;
    return operator new(size);
}

static void work(void) {
    char *volatile block = new char[block_size];
    delete[] block;
    printf("calls: %d\n", calls);
}
