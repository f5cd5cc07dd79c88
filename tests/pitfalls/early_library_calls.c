// SPDX-License-Identifier: MIT
// Calls from a constructor that runs before the guard's own work, and stale pointers among their arguments
// are reported.
// COUNT: 2
// TEXT: for read \(argument buf\)
// TEXT: for open \(argument pathname\)
#include <stdio.h>
#include <sys/types.h>

extern int early_descriptor;
extern ssize_t early_result;

int main(void) {
    printf("%d %d\n", early_descriptor, (int)early_result);
    return 0;
}
