// SPDX-License-Identifier: MIT
// The subcommands of realloc-guard. Only main.c and the cmd_*.c files print; everything else here
// returns what it found, or -errno.
#ifndef RG_TOOLS_COMMAND_H
#define RG_TOOLS_COMMAND_H

// The runner's own failures. It stays clear of the program's usual statuses, of 126, 127 and 128+n,
// which shells use, and of 77 and 99, which test harnesses read as "skipped" and "hard error".
enum { RG_EXIT_RUNNER = 125 };

struct rg_command {
    const char *name;
    const char *summary;
    int (*run)(int argc, char **argv); // argv[0] is the subcommand; returns the exit status
};

int rg_cmd_convert(int argc, char **argv);
int rg_cmd_diff(int argc, char **argv);
int rg_cmd_failures(int argc, char **argv);
int rg_cmd_options(int argc, char **argv);
int rg_cmd_run(int argc, char **argv);
int rg_cmd_symbolize(int argc, char **argv);
int rg_cmd_top(int argc, char **argv);
int rg_cmd_trace(int argc, char **argv);

// Prints the usage of the whole program.
void rg_print_usage(void);

#endif
