// SPDX-License-Identifier: MIT
// Old buffers are handed to system calls, which answer EFAULT for sealed memory without any signal. Each
// must be reported, named after the call, and the call must do what it would have done.
// REPORT: stale read; access=write; moved=moved; allocated=allocated; now=live
// REPORT: stale write; access=read; moved=moved; allocated=allocated; now=live
// REPORT: stale read; access=writev; moved=moved; allocated=allocated; now=live
// REPORT: stale write; access=readv; moved=moved; allocated=allocated; now=live
// REPORT: stale write; access=fread; moved=moved; allocated=allocated; now=live
// REPORT: stale write; access=stat; moved=moved; allocated=allocated; now=live
// TEXT: by the system, for write \(argument buf\)
// TEXT: by the system, for readv \(argument iov\)
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { SIZE = 6000 };

int main(void) {
    int pipes[2];
    char here[100] = "";
    char *volatile old = malloc(SIZE); // HERE: allocated
    if (!old || pipe(pipes) != 0) {
        return 1;
    }
    memset(old, 'o', SIZE);
    char *volatile larger = realloc(old, 4UL * SIZE); // HERE: moved
    if (!larger) {
        return 1;
    }
    printf("write %zd\n", write(pipes[1], old, 50)); // HERE: write
    printf("read %zd\n", read(pipes[0], old, 50));   // HERE: read
    struct iovec parts[2] = {{here, 10}, {old + 100, 40}};
    printf("writev %zd\n", writev(pipes[1], parts, 2)); // HERE: writev
    memset(here, 'x', sizeof here);
    printf("readv %zd\n", readv(pipes[0], parts, 2)); // HERE: readv
    printf("scattered %d\n", here[9] == 0 && here[10] == 'x');
    FILE *file = fopen("/dev/zero", "r");
    printf("fread %zu\n", fread(old, 1, 5000, file));           // HERE: fread
    printf("stat %d\n", stat("/", (struct stat *)(void *)old)); // HERE: stat
    fclose(file);
    free(larger);
    return 0;
}
