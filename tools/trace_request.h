// SPDX-License-Identifier: MIT
// What the subcommands of realloc-guard trace have in common: their options, opening a trace, and how they end. Says in one
// line on standard error what is wrong.
#ifndef RG_TOOLS_TRACE_REQUEST_H
#define RG_TOOLS_TRACE_REQUEST_H

#include "trace_model.h"
#include "trace_names.h"

#include "base/compiler.h"

// 1: a trace was damaged or could not be read, and the rest was done. 2: nothing was.
enum { RG_TRACE_DAMAGED = 1, RG_TRACE_REFUSED = 2, RG_TRACE_GO = -1 };

// A range; without an end it goes on to UINT64_MAX.
struct rg_trace_range {
    uint64_t from, to;
};

enum rg_trace_value {
    RG_TRACE_FLAG,   // bool *
    RG_TRACE_WORD,   // int *: which of the words, "a|b|c"
    RG_TRACE_STRING, // const char **
    RG_TRACE_COUNT,  // uint64_t *: at least 1
    RG_TRACE_NUMBER, // uint64_t *: decimal, or hexadecimal behind 0x
    RG_TRACE_SIZES, // struct rg_trace_range *: MIN..MAX, MIN.., ..MAX or SIZE, each with k, M, or G
    RG_TRACE_TIME,  // uint64_t *, ns: seconds, or with ns, us, ms, s, min
};

struct rg_trace_option {
    const char *name; // without dashes: two, or one before a single letter
    enum rg_trace_value value;
    void *to;
    const char *words; // of RG_TRACE_WORD
    bool *is_given;    // or NULL
};

struct rg_trace_request {
    const char *command; // its name
    const char *usage;   // the whole text of --help
    const struct rg_trace_option *options;
    size_t option_count;
    int files_most; // how many it takes
    char **files;   // to be freed
    int file_count;
};

// Reads the command line. Returns RG_TRACE_GO, or else the exit status: --help was asked for, or it is wrong, which was said.
int rg_trace_request_parse(struct rg_trace_request *q, int argc, char **argv);

// Reads the text as the option's value. False: it is none.
bool rg_trace_take_value(const struct rg_trace_option *o, const char *text);

// Says in one line what is wrong. Returns RG_TRACE_REFUSED.
int rg_trace_refuse(const struct rg_trace_request *q, const char *what, const char *word,
                    const char *remedy);

// NULL: it cannot be read, which was said.
struct rg_trace_reader *rg_trace_request_open(const struct rg_trace_request *q, const char *path);

// Ends what a command has to say of a trace: names what was left out of it. Returns the exit status so far, 0 or
// RG_TRACE_DAMAGED.
int rg_trace_request_damage(const struct rg_trace_request *q, const char *path,
                            const struct rg_trace_reader *r);

// What nearly every command needs: a trace, what it adds up to, and names.
struct rg_trace_session {
    const struct rg_trace_request *request;
    const char *path;
    struct rg_trace_reader *reader;
    struct rg_trace_model *model; // of nothing yet
    struct rg_trace_names *names;
};

// False: it cannot be read, which was said.
bool rg_trace_session_open(struct rg_trace_session *s, const struct rg_trace_request *q,
                           const char *path);

// Returns as rg_trace_request_damage.
int rg_trace_session_close(struct rg_trace_session *s);

// What was written goes out. Returns the status, or RG_TRACE_REFUSED where that is not possible, which was said.
int rg_trace_request_end(struct rg_trace_request *q, int status);

#endif
