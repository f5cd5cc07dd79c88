// SPDX-License-Identifier: MIT
// A small program for check_container.py: one stale write, in functions whose names are exported.
#include "stale.h"
#include <stdio.h>

void use_stale(char *old) {
    old[1] = 'b'; // HERE: write
}

int main(void) {
    use_stale(make_stale(40));
    printf("end\n");
    return 0;
}
