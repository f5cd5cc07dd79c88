// SPDX-License-Identifier: MIT
// Options of a command that starts programs, as against those of the guard: from a table. Functions return an exit status,
// and have printed why it is not 0.
#ifndef RG_TOOLS_OWN_OPTION_H
#define RG_TOOLS_OWN_OPTION_H

#include "cmd_prepare.h"

#include <stdint.h>

enum rg_own_kind {
    RG_OWN_TEXT,    // const char *
    RG_OWN_NUMBER,  // uint64_t
    RG_OWN_SECONDS, // double
    RG_OWN_FLAG,    // bool
};

struct rg_own_option {
    const char *name;
    enum rg_own_kind kind;
    void *field;
    uint64_t min, max; // of a number
};

// Stores the word's value; may take it from the next argument (rg_word_need_value).
int rg_own_option_set(const struct rg_own_option *o, struct rg_word *word, char **argv, int *at);

// Says that the command has no such option, and which one may be meant.
int rg_own_option_unknown(const char *command, const struct rg_own_option *own, size_t count,
                          const struct rg_word *word);

#endif
