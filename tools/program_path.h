// SPDX-License-Identifier: MIT
// Which file a command name runs: the PATH search of execvp, and the interpreter of a script.
// Buffers are PATH_MAX bytes; results are cut nowhere (-ENAMETOOLONG instead).
#ifndef RG_TOOLS_PROGRAM_PATH_H
#define RG_TOOLS_PROGRAM_PATH_H

#include <stdbool.h>
#include <stddef.h>

// Finds the file that execvp would run for `name`. Returns 0; -ENOENT when there is none; -EISDIR
// for a directory; -EACCES when the only candidates are not executable (ret_path is then one of them).
int rg_program_find(const char *name, char *ret_path);

// Reads the "#!" line of the file at path, and the word that `env` in it is to look up in PATH.
// Returns 1 and fills ret_interpreter (a name for rg_program_find) when there is one, 0 when the file
// does not begin with "#!", or -errno; -ENOEXEC for a "#!" line without an interpreter.
int rg_program_interpreter(const char *path, char *ret_interpreter);

#endif
