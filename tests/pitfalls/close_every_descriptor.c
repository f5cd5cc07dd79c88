// SPDX-License-Identifier: MIT
// A program that closes every descriptor but the first three (close_range) takes the guard's with them,
// and opens its own in their place. Reports go on, with source lines, and nothing of the program's is
// touched.
// REPORT: stale read; access=first; now=live
// REPORT: stale read; access=second; now=live
// REPORT: stale read; access=third; now=live
#include "stale.h"
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    char *old = make_stale(40);
    volatile char byte = *old; // HERE: first
    close_range(3, ~0U, 0);
    byte = *old; // HERE: second
    close_range(3, ~0U, 0);
    int opened = 0, kept = 0;
    while (opened < 500 && open("/dev/null", O_WRONLY) >= 0) {
        opened++;
    }
    byte = *old; // HERE: third
    for (int fd = 3; fd < 503; fd++) {
        kept += write(fd, "x", 1) == 1;
    }
    printf("opened %d, kept %d\n", opened, kept);
    return 0;
}
