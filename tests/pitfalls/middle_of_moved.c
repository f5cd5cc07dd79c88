// SPDX-License-Identifier: MIT
// free of a pointer into the middle of a block that has moved: the report says where the block is today.
// COUNT: 1
// NATIVE: undefined
// STATUS: 86
// TEXT: free of a pointer that is not the start of a block
// TEXT: today the block is live at 0x[0-9a-f]{4,} \(80 bytes\)
// TEXT: advice: the block has been moved or freed by the realloc at stale\.h:\d+; pass the pointer that this returned
#include "stale.h"

int main(void) {
    char *old = make_stale(40);
    free(old + 16);
    return 0;
}
