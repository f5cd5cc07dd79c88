// SPDX-License-Identifier: MIT
// The guard's logs of one run, one file for each process, taken apart: which misuses they report, and
// whether a realloc failed on purpose.
#ifndef RG_TOOLS_FAILURES_LOG_H
#define RG_TOOLS_FAILURES_LOG_H

#include <stdbool.h>
#include <stddef.h>

// A report. headline is "KIND: TEXT", without the process id; text is all of its lines as they are.
struct rg_log_finding {
    char *kind, *headline, *text;
};

struct rg_log {
    struct rg_log_finding *findings;
    size_t count;
    char *failed; // the line about the first realloc that failed on purpose, NULL: none did
    char *place;  // where that was
};

// Reads the files log.PID of the folder. Returns 0 or -errno.
int rg_log_read(const char *folder, struct rg_log *ret_log);

// Takes one log apart, and adds what it holds.
void rg_log_add(struct rg_log *log, const char *text);

// Adds the findings of `more` that are not there.
void rg_log_add_findings(struct rg_log *log, const struct rg_log *more);

bool rg_log_has_headline(const struct rg_log *log, const char *headline);

// The first finding of that kind (of any where kind is NULL) that `known` does not have, or NULL.
const struct rg_log_finding *rg_log_find_new(const struct rg_log *log, const struct rg_log *known,
                                             const char *kind);

#endif
