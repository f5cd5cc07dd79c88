// SPDX-License-Identifier: MIT
// What a test program tells of its own calls, as lines that check_trace.py compares with the trace. Nothing here
// allocates.
#ifndef TESTS_TRACE_TOLD_H
#define TESTS_TRACE_TOLD_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void tell(const char *format, ...) {
    char line[200];
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(line, sizeof line, format, ap);
    va_end(ap);
    if (write(1, line, (size_t)n) != n) {
        abort();
    }
}

#endif
