// SPDX-License-Identifier: MIT
// A program that was reported counts on the next free descriptor as before: what the report needs is out of
// its way.
// COUNT: 1
#include "stale.h"
#include <fcntl.h>
#include <stdio.h>

int main(void) {
    volatile char *old = make_stale(100);
    printf("%d\n", open("/dev/null", O_RDONLY));
    printf("%c\n", old[50]);
    printf("%d\n", open("/dev/null", O_RDONLY));
    return 0;
}
