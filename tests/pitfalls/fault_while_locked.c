// SPDX-License-Identifier: MIT
// A fault while the program holds a lock that a report could want: that of stderr, of every stream, or the
// loader's (inside a callback of dl_iterate_phdr). The report must arrive.
// REPORT: stale read; access=read; now=live
#include "stale.h"
#include <link.h>
#include <stdio.h>

static char *old;

static void use(void) {
    volatile char byte = *old; // HERE: read
}

static int on_object(struct dl_phdr_info *info, size_t size, void *data) {
    use();
    return 1;
}

int main(int argc, char **argv) {
    old = make_stale(40);
    if (strcmp(argv[1], "loader") == 0) {
        dl_iterate_phdr(on_object, NULL);
    } else {
        flockfile(stderr);
        flockfile(stdout);
        use();
        funlockfile(stdout);
        funlockfile(stderr);
    }
    puts("end");
    return 0;
}
