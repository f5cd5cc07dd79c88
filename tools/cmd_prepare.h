// SPDX-License-Identifier: MIT
// What commands that start a program have in common: one line for whatever is wrong, the guard's options
// on the command line, the check of the program, and the preload. Functions that return an exit status
// have printed why it is not 0.
#ifndef RG_TOOLS_CMD_PREPARE_H
#define RG_TOOLS_CMD_PREPARE_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>

struct rg_target;

// Prints "realloc-guard: TEXT" and returns RG_EXIT_RUNNER.
int rg_fail(const char *format, ...) RG_PRINTF_LIKE(1, 2);

// A word of the command line that begins with "--".
struct rg_word {
    const char *name; // behind the "--", not ended by a zero byte
    size_t len;
    const char *value; // behind the '=', or NULL
};
struct rg_word rg_word_split(const char *word);
bool rg_word_is(const struct rg_word *word, const char *name);

// Gives a word that has no value the next argument, argv[*at], and moves *at past it. Returns an exit status.
int rg_word_need_value(struct rg_word *word, char **argv, int *at);

// Appends the option of the guard that the word names to REALLOC_GUARD_OPTIONS; may take its value as above.
// Returns an exit status.
int rg_prepare_option(struct rg_word *word, char **argv, int *at);

// Finds the program and checks that it can be guarded. Returns an exit status.
int rg_prepare_program(const char *name, struct rg_target *ret_target);

// Puts the library at `wanted`, or where that is NULL the one beside the executable, into LD_PRELOAD.
// Returns an exit status.
int rg_prepare_preload(const char *wanted);

#endif
