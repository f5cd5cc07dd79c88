// SPDX-License-Identifier: MIT
// Whether LD_PRELOAD can reach a program. Reads the program's files and nothing else; prints nothing.
#ifndef RG_TOOLS_TARGET_CHECK_H
#define RG_TOOLS_TARGET_CHECK_H

#include <limits.h>

enum rg_target_cause {
    RG_TARGET_OK,
    RG_TARGET_NOT_FOUND,
    RG_TARGET_IS_DIRECTORY,
    RG_TARGET_NOT_EXECUTABLE,
    RG_TARGET_UNREADABLE, // executable, but it cannot be read and so not judged; detail: errno text
    RG_TARGET_NOT_A_PROGRAM, // neither an ELF executable nor a script
    RG_TARGET_TOO_MANY_SCRIPTS,
    RG_TARGET_OTHER_MACHINE, // detail: the machine
    RG_TARGET_STATIC,
    RG_TARGET_OTHER_LIBC, // detail: its dynamic loader
    RG_TARGET_SETUID,
    RG_TARGET_SETGID,
    RG_TARGET_CAPABILITIES,
    RG_TARGET_OTHER_LIBRARY, // of a library only: it is not the guard
    RG_TARGET_SANITIZER,     // detail: the library or symbol that gives it away
};

struct rg_target {
    char path[PATH_MAX]; // the file to execute: the program as PATH has it
    char
        checked[PATH_MAX]; // the file the cause is about: path, or the last interpreter of a script
    char detail[256];
};

// Finds and judges the program that `name` runs. ret_target is filled as far as things are known,
// whatever the cause.
enum rg_target_cause rg_target_check(const char *name, struct rg_target *ret_target);

// Whether the file at path can be preloaded, a shared object for this machine, and is the guard.
enum rg_target_cause rg_target_check_library(const char *path, struct rg_target *ret_target);

#endif
