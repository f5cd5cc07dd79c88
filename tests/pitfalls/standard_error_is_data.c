// SPDX-License-Identifier: MIT
// A program that has closed standard error opens a file, which gets number 2. A report may not be written
// into that file.
// STATUS: 86
#include "../support/temporary.h"
#include "stale.h"
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    char path[] = "/tmp/rg-data-" SIX_X;
    close(2);
    int fd = mkstemp(path);
    unlink(path);
    if (write(fd, "DATA", 4) != 4) {
        return 1;
    }
    char *old = make_stale(40);
    volatile char byte = *old;
    printf("number %d, size %ld\n", fd, (long)lseek(fd, 0, SEEK_END));
    return 0;
}
