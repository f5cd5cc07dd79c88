// SPDX-License-Identifier: MIT
// Names of files in options: %p is the process id, %q{VAR} the environment variable VAR, %% is %.
#ifndef RG_REPORT_FILE_NAME_H
#define RG_REPORT_FILE_NAME_H

#include "base/fmt.h"

#include <stdbool.h>

// Called in the constructor, with the environment at hand.
void rg_file_name_init(const char *const *environment);

// Appends the name that the text stands for. Returns whether the process id is in it. What is wrong with the text is kept
// as it is, and said on standard error if `option` names where it comes from.
bool rg_file_name_put(struct rg_buf *b, const char *text, const char *option);

#endif
