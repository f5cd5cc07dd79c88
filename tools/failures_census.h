// SPDX-License-Identifier: MIT
// What the first run of `realloc-guard failures` counted: how often realloc was called from where. The
// files that count_realloc makes, one for each process, are merged by stack, and stacks into sites.
#ifndef RG_TOOLS_FAILURES_CENSUS_H
#define RG_TOOLS_FAILURES_CENSUS_H

#include <stddef.h>
#include <stdint.h>

struct rg_symbolizer;

// The frames that the library counts by.
enum { RG_CENSUS_FRAMES = 8 };

// A stack as the library writes it: PATH+0xOFFSET, innermost first, separated by tabs; a
// backslash before t, n and backslash in PATH.
struct rg_counted {
    uint64_t calls;
    char *stack;
};

struct rg_census {
    struct rg_counted *stacks; // once merged, sorted by stack and distinct
    size_t count;
    uint64_t calls;   // of all processes
    uint64_t longest; // of the process with the most
};

// One frame of a site. Of a frame outside all modules (code made at run time) path is "?". function and
// file are NULL, and line 0, where nothing is known.
struct rg_site_frame {
    char *path;
    uint64_t offset;
    char *function, *file;
    int line;
};

// A place that calls realloc: the innermost frames of the stacks that have them in common.
struct rg_site {
    size_t number; // from 1 on, by rank
    char *chain;   // as fail_realloc takes it behind "site:"; NULL where it cannot be named
    uint64_t calls;
    size_t depth; // frames, at least 1
    struct rg_site_frame frames[RG_CENSUS_FRAMES];
};

// Takes the escapes out, in place: a backslash before t, n and backslash, in fields that tabs separate.
void rg_unescape(char *field);

// Adds the files census.PID of the folder. Returns how many there were, or -errno; -EBADMSG where one is
// not what the library writes.
int rg_census_read(struct rg_census *c, const char *folder);

// Adds a line CALLS<tab>STACK. Returns 0 or -EBADMSG.
int rg_census_add(struct rg_census *c, const char *line);

// Sorts and merges the stacks.
void rg_census_merge(struct rg_census *c);

// Makes the sites of a merged census, by up to `depth` frames, the busiest first. Returns their number.
size_t rg_census_sites(const struct rg_census *c, size_t depth, struct rg_site **ret_sites);

// Looks up functions and lines of the site's frames.
void rg_site_name(struct rg_site *site, struct rg_symbolizer *s);

#endif
