// SPDX-License-Identifier: MIT
// Where commands that run programs (`realloc-guard failures`, `realloc-guard top`) have these leave logs, traces and
// output: a temporary folder, or one that the user keeps.
#ifndef RG_TOOLS_FAILURES_FOLDER_H
#define RG_TOOLS_FAILURES_FOLDER_H

#include <stdbool.h>

struct rg_folder {
    char *path; // a full one: programs may change their working directory
    bool is_kept;
};

// Makes the folder `keep`, which may exist, or a temporary one where it is NULL. Returns 0, or -errno with a
// sentence in *ret_why.
int rg_folder_open(struct rg_folder *f, const char *keep, char **ret_why);

// The path of one run's folder, which is not made here.
char *rg_folder_of(const struct rg_folder *f, const char *name);

// For an option of the guard that names a file: FOLDER/NAME.%p, where a % of the folder's is doubled. To be freed.
char *rg_folder_option(const char *folder, const char *name);

// Removes the folder with all that is in it, where it exists.
void rg_folder_remove(const char *path);

// Removes one run's folder, or all of them, unless they are kept.
void rg_folder_drop(const struct rg_folder *f, const char *path);
void rg_folder_close(const struct rg_folder *f);

#endif
