// SPDX-License-Identifier: MIT
// What becomes of a program when a realloc of it fails: the first run, which others are compared with, and
// the verdict on each.
#ifndef RG_TOOLS_FAILURES_OUTCOME_H
#define RG_TOOLS_FAILURES_OUTCOME_H

#include "failures_log.h"
#include "failures_run.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rg_outcome {
    RG_SURVIVED,    // ended and wrote as the first run
    RG_REFUSED,     // ended otherwise, without a crash, or wrote something else
    RG_NOT_REACHED, // no realloc failed
    RG_NOT_TRIED,   // the site cannot be named
    RG_MISUSED,     // the guard found what it had not found before
    RG_LOST,        // of that, a block that nothing points to any more
    RG_CRASHED,
    RG_HUNG,
    RG_OUTCOMES,
};

// "survived", "refused", ...
const char *rg_outcome_word(enum rg_outcome outcome);

// Whether it is a fault of the program.
bool rg_outcome_is_bad(enum rg_outcome outcome);

// A text that was written, by size and hash.
struct rg_print {
    uint64_t size, hash;
};

// Returns 0 or -errno.
int rg_print_of(const char *path, struct rg_print *ret_print);
bool rg_print_equal(struct rg_print a, struct rg_print b);

struct rg_first {
    int status; // as of waitpid
    double seconds;
    bool repeats; // a second run wrote the same, so that outputs can be compared
    struct rg_print output;
    char *said;        // the beginning of its standard error
    struct rg_log log; // misuses that need no failure
};

struct rg_result {
    enum rg_outcome outcome;
    double seconds;
    char *detail; // a phrase: the signal, the exit status, ...; empty where there is nothing to say
    char *said;   // a line that the program wrote to standard error, and did not in the first run
    char *place;  // where the realloc failed, by the guard's log
    char *report; // the guard's text
};

// Reads what the attempt left in its folder. Returns 0 or -errno.
int rg_first_read(const struct rg_attempt *a, struct rg_first *ret_first);

// Compares the attempt with the first run. Returns 0 or -errno.
int rg_outcome_judge(const struct rg_first *first, const struct rg_attempt *a,
                     struct rg_result *ret_result);

// The first line of `said` that is not in `before`, printable; empty where there is none.
char *rg_first_line(const char *said, const char *before);

// At most `len` bytes of the text, so that no character of UTF-8 is cut.
size_t rg_whole_characters(const char *text, size_t len);

// Whether it wrote something else, but ended as if nothing were amiss, and said nothing.
bool rg_result_is_silent(const struct rg_result *result);

// The heavier the worse: memory that was misused, a crash, a hang, a block that was lost, what was silent.
int rg_result_weight(const struct rg_result *result);

// "exit status 1" or "SIGSEGV", as of waitpid.
char *rg_status_text(int status);

#endif
