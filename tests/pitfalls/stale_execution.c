// SPDX-License-Identifier: MIT
// A jump into a block that realloc has moved: the heap cannot be executed, so the program dies of it as it
// would have alone, but is told why.
// NATIVE: undefined
// COUNT: 1
// TEXT: stale execution: stale_execution\.c:\d+ uses a pointer that realloc moved away from
// STATUS: -11
#include "stale.h"

int main(void) {
    void (*volatile function)(void) = (void (*)(void))make_stale(100);
    function();
    return 0;
}
