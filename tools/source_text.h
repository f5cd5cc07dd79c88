// SPDX-License-Identifier: MIT
// Lines of the source files within a folder, and never of others: a log may name any file, and who reads the report is
// not to see what only the one who makes it may. What was read is kept until the end.
#ifndef RG_TOOLS_SOURCE_TEXT_H
#define RG_TOOLS_SOURCE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rg_source {
    char *name;       // as it was asked for
    char *path;       // where it is, from the folder on; NULL: it was not found
    bool is_named_so; // whether it was found by its whole name, and not by the end of that
    double changed;   // when, in seconds since 1970
    char *text;       // ends with a zero byte
    size_t *lines;    // where each begins, and at last where the text ends
    size_t line_count;
};

// The folder must stay as long as this.
struct rg_sources {
    const char *folder; // absolute; "": nothing is looked for
    char *real_folder;  // without symbolic links, NULL: not known yet
    struct rg_source **files;
    size_t count;
    size_t not_found; // of the files
};

// The file, by an absolute path or one from the folder on. Where nothing is at an absolute path, because the program was
// built on another machine, it is found by the end of that, of two names at least. Returns NULL where there is none.
const struct rg_source *rg_sources_find(struct rg_sources *sources, const char *name);

// A line, counted from 1, without its end. To be freed; NULL: the file is shorter.
char *rg_source_line(const struct rg_source *source, uint64_t line);

void rg_sources_done(struct rg_sources *sources);

#endif
