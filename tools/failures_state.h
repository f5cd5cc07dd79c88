// SPDX-License-Identifier: MIT
// The state file of `realloc-guard failures`: what was run, what the first run gave, and a line for each case
// that is over, so that a run that was killed can go on. Tabs between fields; a backslash before t, n and
// backslash in them. Lines are written whole, and one that is cut is left out when it is read again. Each but the
// first ends with a field for the hash of what is before that, so that a damaged file is known.
//
//   realloc-guard failures <version of this form>
//   command <word>...            what is run, from where, with which options of the guard
//   program <path> <size> <hash> a file that the sites depend on; any number of these, also below
//   first <status> <seconds> <repeats> <size> <hash> <standard error>
//   finding <kind> <headline>    of the first run
//   longest <calls>
//   stack <calls> <frame>...     the census
//   ready <lines>                the first run is complete, and so many lines are before this one
//   case <fail_realloc> <outcome> <seconds> <detail> <said> <place> <report>
#ifndef RG_TOOLS_FAILURES_STATE_H
#define RG_TOOLS_FAILURES_STATE_H

#include "failures_census.h"
#include "failures_outcome.h"

#include <stdbool.h>
#include <stddef.h>

struct rg_state_case {
    char *fails;
    struct rg_result result;
};

struct rg_state {
    char **words; // the command, see above
    size_t word_count;
    bool is_ready; // first and census are known
    struct rg_first first;
    struct rg_census census;
    struct rg_state_case *cases;
    size_t case_count;
    int fd;          // open for writing, and locked
    char *head;      // the first lines, for a file that begins anew
    size_t line;     // of a damaged file, its first bad one, from 1 on
    bool is_emptied; // nothing of an earlier run is in it
};

enum rg_state_trouble {
    RG_STATE_OK,
    RG_STATE_SYSTEM,  // errno text
    RG_STATE_EXISTS,  // and neither `resumes` nor `restarts`
    RG_STATE_BUSY,    // somebody else writes to it
    RG_STATE_FOREIGN, // it is not a state file
    RG_STATE_COMMAND, // of another command
    RG_STATE_PROGRAM, // a file has changed
    RG_STATE_DAMAGED, // s->line
};

// Opens the file, makes it where it does not exist, locks it, and reads what is there where `resumes`. With
// `restarts` a state file of whatever command will be emptied when there is a first run to be written; any other
// file never. s->words are given; files are the program and its interpreter. ret_detail is a path, an errno text or NULL.
enum rg_state_trouble rg_state_open(struct rg_state *s, const char *path, bool resumes,
                                    bool restarts, const char *const *files, size_t file_count,
                                    char **ret_detail);

// Writes the first run and the census. Returns 0 or -errno.
int rg_state_put_first(struct rg_state *s);

// Removes a file that holds nothing worth going on from. One that would have been overwritten is left as it is.
void rg_state_give_up(struct rg_state *s, const char *path);

// Writes one case. Returns 0 or -errno.
int rg_state_put_case(struct rg_state *s, const char *fails, const struct rg_result *result);

// The result of that case, or NULL.
const struct rg_result *rg_state_find(const struct rg_state *s, const char *fails);

#endif
