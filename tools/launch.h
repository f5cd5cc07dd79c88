// SPDX-License-Identifier: MIT
// What the runner prepares before it executes the program: the path of the library and the two
// environment variables.
#ifndef RG_TOOLS_LAUNCH_H
#define RG_TOOLS_LAUNCH_H

#include <stddef.h>

#define RG_LIBRARY_NAME "librealloc_guard.so"

// Finds the library beside the running executable, or in ../lib or ../lib/x86_64-linux-gnu of its
// folder. ret_path holds PATH_MAX bytes. Returns 0, or -ENOENT; ret_path is then where it should be.
int rg_launch_find_library(char *ret_path);

// Puts library first in LD_PRELOAD and keeps what is there. Returns 0; -EINVAL when LD_PRELOAD cannot
// carry the path, because it holds a space or a colon; or -ENOMEM.
int rg_launch_set_preload(const char *library);

// Appends "name=value" to REALLOC_GUARD_OPTIONS, quoted as needed. Returns 0; -EINVAL when the value
// holds both kinds of quotes, so that no quoting is left; or -ENOMEM.
int rg_launch_add_option(const char *name, const char *value);

#endif
