// SPDX-License-Identifier: MIT
// An access that crosses from one page of a stale block into the next sees what the block held when it
// moved, or what was written since through the stale pointer: a write does not reach the new place.
// NATIVE: undefined
// REPORT: stale read; access=read; now=live
// REPORT: stale write; access=write; now=live
// GUARDED: address: read 6161616161616161, wrote 4847464544434241, at the new place 6161616161616161
// REPORT: stale read; access=check; now=live
// TEXT: read of 8 bytes
#include "stale.h"
#include <stdio.h>

int main(void) {
    char *block = malloc(12000);
    memset(block, 'a', 12000);
    char *volatile old = block;
    block = realloc(block, 30000);
    long value = *(volatile long *)(old + 4093);         // HERE: read
    *(volatile long *)(old + 8189) = 0x4847464544434241; // HERE: write
    long written = *(volatile long *)(old + 8189);       // HERE: check
    printf("address: read %lx, wrote %lx, at the new place %lx\n", value, written,
           *(long *)(block + 8189));
    return 0;
}
