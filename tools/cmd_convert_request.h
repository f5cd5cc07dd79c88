// SPDX-License-Identifier: MIT
// What the commands that convert logs have in common: their options, reading, writing. Says in one line on standard error
// what is wrong.
#ifndef RG_TOOLS_CMD_CONVERT_REQUEST_H
#define RG_TOOLS_CMD_CONVERT_REQUEST_H

#include "convert.h"

#include <stdbool.h>

// 1: lines or files could not be read, and the rest was converted. 2: nothing was.
enum { RG_CONVERT_DAMAGED = 1, RG_CONVERT_REFUSED = 2 };

struct rg_format {
    const char *name;
    const char *summary;
    void (*write)(struct rg_conversion *c);
};

struct rg_convert_request {
    const char *command;            // its name
    const struct rg_format *format; // NULL: not said
    const char *source_root;        // to be set before; "": none
    const char *output;             // NULL: standard output
    enum rg_merge_order order;
    char **files; // to be freed
    int file_count;
};

void rg_convert_request_print_formats(void);

// Reads the command line, of which argv[0] is the command. Returns false where it was wrong, which was said.
bool rg_convert_request_parse(struct rg_convert_request *r, int argc, char **argv);

// Begins with nothing merged. To be ended with rg_convert_request_end.
void rg_convert_request_begin(const struct rg_convert_request *r,
                              struct rg_conversion *ret_conversion);
void rg_convert_request_end(struct rg_conversion *c);

// Adds what the file holds, or each regular file of a folder. What could not be read is said, and counted in c.
void rg_convert_request_read(const char *path, struct rg_conversion *c);

// Lets the function write where the request says. Returns false where that is not possible, which was said.
bool rg_convert_request_write(const struct rg_convert_request *r, struct rg_conversion *c,
                              void (*write)(struct rg_conversion *c));

#endif
