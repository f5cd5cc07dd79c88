// SPDX-License-Identifier: MIT
// The block is the last one in the heap, so that the C library grows it where it is and the
// forgotten result of realloc does no harm, by luck. Must move and be reported under the guard.
// NATIVE: address: same
// GUARDED: address: changed
// REPORT: stale write; access=write; moved=moved; allocated=allocated; now=live
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int main(void) {
    char *volatile numbers = malloc(1000); // HERE: allocated
    if (!numbers) {
        return 1;
    }
    uintptr_t before = (uintptr_t)numbers;
    char *larger = realloc(numbers, 2000); // HERE: moved
    if (!larger) {
        return 1;
    }
    numbers[999] = 'x'; // HERE: write
    printf("address: %s\n", (uintptr_t)larger == before ? "same" : "changed");
    free(larger);
    return 0;
}
