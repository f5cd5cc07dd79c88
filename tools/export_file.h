// SPDX-License-Identifier: MIT
// The file that an export goes to, compressed or not.
#ifndef RG_TOOLS_EXPORT_FILE_H
#define RG_TOOLS_EXPORT_FILE_H

#include <stdbool.h>
#include <stdio.h>

// path: NULL for standard output. What the stream is closed with tells whether all of it was written. NULL: it cannot be
// opened, errno says why.
FILE *rg_export_file_open(const char *path, bool is_gzip);

#endif
