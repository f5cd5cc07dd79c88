// SPDX-License-Identifier: MIT
// The system is given a vector with a buffer that has moved.
// NATIVE: undefined
// REPORT: stale read; access=write; moved=moved; allocated=allocated; now=live
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

int main(void) {
    char *body = malloc(64); // HERE: allocated
    struct iovec parts[] = {{"head ", 5}, {body, 4}};
    strcpy(body, "text");
    body = realloc(body, 6400); // HERE: moved
    int null = open("/dev/null", O_WRONLY);
    return writev(null, parts, 2) < 0; // HERE: write
}
