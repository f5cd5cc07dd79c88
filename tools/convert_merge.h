// SPDX-License-Identifier: MIT
// Puts together what the logs of many processes say: each distinct finding once, with its count. What it holds grows
// with the distinct findings, and by less than 100 bytes with the processes of the file that is being read.
#ifndef RG_TOOLS_CONVERT_MERGE_H
#define RG_TOOLS_CONVERT_MERGE_H

#include "convert_errors.h"
#include "json_value.h"
#include "number_map.h"

#include <stdbool.h>
#include <stdint.h>

// When a process met a finding, for the order of findings.
struct rg_met {
    double time; // when the process began, in seconds since 1970; INFINITY: not known
    uint64_t pid;
    uint64_t number; // of the finding, in the process
};

struct rg_place_count {
    char *place; // of the access, "" where there is none
    uint64_t occurrences;
};

// A distinct finding.
struct rg_merged {
    uint64_t fingerprint;
    uint64_t rest; // of the fingerprint, without the allocation
    bool is_brief; // the allocation is not known
    uint64_t occurrences;
    uint64_t processes;            // that met it
    struct rg_met first;           // who met it first
    double last_time;              // of the process that began last
    char *line;                    // the text of the first one's line
    char *program;                 // of the first one; NULL: not known
    struct rg_place_count *places; // lines within the functions, most occurrences first
    size_t place_count;
};

struct rg_merge {
    struct rg_merged **findings; // in order, once rg_merge_sort was called
    size_t count;
    uint64_t processes, processes_with_findings;
    double first_time;    // when the first one began, in seconds since 1970; 0: not known
    uint64_t occurrences; // of the findings here
    uint64_t
        occurrences_not_kept; // more that processes have counted, of which the lines are missing
    uint64_t lapsed;          // blocks that could not be sealed
    uint64_t lost_lines;      // that guards could not write
    struct rg_guard_errors errors; // in order, once rg_merge_sort was called
    struct rg_number_map by_fingerprint;
    struct rg_number_map processes_of_file; // by process id
};

enum rg_merge_order { RG_MERGE_BY_FIRST, RG_MERGE_BY_COUNT };

// Takes an event that rg_event_check found good, and its text.
void rg_merge_event(struct rg_merge *merge, const struct rg_value *event, const char *line);

// Adds what rg_convert_json has written; rg_document_check has found it good.
void rg_merge_document(struct rg_merge *merge, const struct rg_value *document);

// The finding of another run that is the same misuse, NULL: none. Of one whose allocation was forgotten in either run
// the rest decides: it has nothing to add.
const struct rg_merged *rg_merge_find(const struct rg_merge *merge, const struct rg_merged *f);

// To be called at the end of each file: a process does not go on in another one.
void rg_merge_end_file(struct rg_merge *merge);

// The order does not depend on that of the files.
void rg_merge_sort(struct rg_merge *merge, enum rg_merge_order order);

// For convert_merged.c: the finding of the fingerprint, new where there is none; a process that met it, whose line is
// shown if it is the first; the place of an access, as its number.
struct rg_merged *rg_merge_get(struct rg_merge *merge, uint64_t fingerprint,
                               const struct rg_value *finding);
void rg_merged_meet(struct rg_merged *f, const struct rg_met *met, const char *program,
                    const char *line);
size_t rg_merged_place(struct rg_merged *f, const char *place);

void rg_merge_done(struct rg_merge *merge);

#endif
