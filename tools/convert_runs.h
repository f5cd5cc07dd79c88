// SPDX-License-Identifier: MIT
// Who wrote the logs, for reports that a person reads: which programs, by which guards with which options, and which
// processes met a finding. What it holds grows with the distinct texts and findings, not with the processes.
#ifndef RG_TOOLS_CONVERT_RUNS_H
#define RG_TOOLS_CONVERT_RUNS_H

#include "json_value.h"
#include "number_map.h"

#include <stddef.h>
#include <stdint.h>

// A process, from its line of the event start.
struct rg_run {
    double time; // when it began, in seconds since 1970; INFINITY: not known
    uint64_t pid;
    char *command; // line, as a shell would take it; NULL: not known
    size_t users;  // of this record
};

// How many processes said the same.
struct rg_tally {
    char *text;
    uint64_t count;
};

struct rg_tallies {
    struct rg_tally **items; // most frequent first, once rg_runs_sort was called
    size_t count;
    struct rg_number_map by_text;
};

enum { RG_RUNS_KEPT = 8 };

// The processes that met a finding: those that began first.
struct rg_finding_runs {
    struct rg_run *runs[RG_RUNS_KEPT];
    size_t count;
};

// Zero-filled it is empty.
struct rg_runs {
    struct rg_tallies programs; // paths
    struct rg_tallies versions; // of the guard
    struct rg_tallies options;  // those that differ from their defaults, "NAME=VALUE NAME=VALUE"
    double last_time;           // when the last process began; 0: not known
    struct rg_number_map by_fingerprint;
    struct rg_number_map of_file; // processes by id
};

// Takes an event that rg_event_check found good.
void rg_runs_event(struct rg_runs *runs, const struct rg_value *event);

// To be called at the end of each file: a process does not go on in another one.
void rg_runs_end_file(struct rg_runs *runs);

// Where no start was read: the program that a finding was met in, by so many processes.
void rg_runs_program(struct rg_runs *runs, const char *program, uint64_t processes);

// The order does not depend on that of the files.
void rg_runs_sort(struct rg_runs *runs);

// NULL: none.
const struct rg_finding_runs *rg_runs_of(const struct rg_runs *runs, uint64_t fingerprint);

void rg_runs_done(struct rg_runs *runs);

#endif
