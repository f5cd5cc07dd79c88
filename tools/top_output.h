// SPDX-License-Identifier: MIT
// What the program writes while the view has the terminal: kept in a file, to be written where it was meant for once
// the view is over, and its last lines, to be shown.
#ifndef RG_TOOLS_TOP_OUTPUT_H
#define RG_TOOLS_TOP_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { RG_TOP_OUTPUT_LINES = 16, RG_TOP_OUTPUT_LINE = 512 };

struct rg_top_output {
    int pipes
        [2]; // to read from: of standard output and standard error; -1: it is not collected, or has ended
    FILE *kept;      // struct piece, and its bytes, again and again
    int error;       // errno of the first that could not be kept
    bool is_passing; // what comes now is written at once
    // The last lines, for the view.
    char lines[RG_TOP_OUTPUT_LINES][RG_TOP_OUTPUT_LINE]; // a ring
    size_t line_count;                                   // ever begun; the last one may be growing
    size_t last_len;
    bool is_line_over, is_returned; // what the last byte was
    enum rg_top_escape { RG_TOP_NO_ESCAPE, RG_TOP_ESCAPE, RG_TOP_ESCAPE_SEQUENCE } escape;
};

// Keeps it in a file in the folder that has no name. Returns 0 or -errno. Write ends of pipes that the child is to get,
// or -1, are in ret_ends.
int rg_top_output_open(struct rg_top_output *o, const char *folder, const bool is_collected[2],
                       int ret_ends[2]);

// Reads what there is. Never waits.
void rg_top_output_take(struct rg_top_output *o);

// Writes the next piece of what was kept to standard output or standard error. Returns 1 where there was one, 0 where all is
// written, or -errno. After the first call what is taken is written at once, so all is to be passed before.
int rg_top_output_pass(struct rg_top_output *o);

void rg_top_output_close(struct rg_top_output *o);

// The line that is so many above the last one, which is 0; NULL: there is none.
const char *rg_top_output_line(const struct rg_top_output *o, size_t back);

#endif
