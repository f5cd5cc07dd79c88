// SPDX-License-Identifier: MIT
// Files of suppressions: a line each (suppression.h), lines that begin with '#' and empty ones left out. They are read
// into memory of the arena that is never given back, before there are threads. errno untouched.
#ifndef RG_BASE_SUPPRESSION_FILE_H
#define RG_BASE_SUPPRESSION_FILE_H

#include "base/suppression.h"

enum {
    // Bytes of all files together.
    RG_SUPPRESSIONS_MOST = 1 << 20,
    // How many malformed lines of a file are named one by one.
    RG_SUPPRESSIONS_NAMED = 20,
};

// What one file holds; each text ends with a zero byte.
struct rg_suppressions {
    struct rg_suppressions *next;
    const char *file; // as it was named
    struct rg_suppression *items;
    size_t count;
};

// Reads the files of a list FILE:FILE:...; empty names are left out. complain(arg, line) is called for each file that cannot
// be read, for each malformed line, and where there is more than RG_SUPPRESSIONS_MOST or no memory: with one line, without a
// newline, that is valid only during the call. What it is called for is left out. Returns the files in that order, NULL
// where there are no suppressions.
typedef void (*rg_suppressions_complain_fn)(void *arg, const char *line);
struct rg_suppressions *rg_suppressions_read(const char *files,
                                             rg_suppressions_complain_fn complain, void *arg);

#endif
