// SPDX-License-Identifier: MIT
// realloc-guard: picks the subcommand. A first word that is none starts a program under the guard.
#include "command.h"

#include "base/options.h"

#include <stdio.h>
#include <string.h>

static const struct rg_command commands[] = {
    {"run", "run a program under the guard (the default)", rg_cmd_run},
    {"failures", "let realloc fail at each place that calls it, one by one", rg_cmd_failures},
    {"convert", "merge logs of format=json, and write them for other programs", rg_cmd_convert},
    {"diff", "tell which misuses are new since another run", rg_cmd_diff},
    {"trace", "tell what a program has allocated, from what trace=PATH wrote", rg_cmd_trace},
    {"top", "show while a program runs where it allocates", rg_cmd_top},
    {"options", "print the table of options", rg_cmd_options},
    {"symbolize", "turn addresses into source lines, for the library", rg_cmd_symbolize},
};

void rg_print_usage(void) {
    puts("Usage: realloc-guard [run] [--OPTION=VALUE]... [--] PROGRAM [ARGUMENT]...");
    puts("       realloc-guard COMMAND [--help]");
    puts("\nCommands:");
    for (size_t i = 0; i < RG_ARRAY_LEN(commands); i++) {
        printf("  %-10s  %s\n", commands[i].name, commands[i].summary);
    }
    puts("\nRunner:\n"
         "  --library=PATH  the librealloc_guard.so to load; by default the one beside "
         "realloc-guard\n"
         "  --help          this text\n"
         "  --version       the version\n"
         "\nAny option of the table is written --name=value, --name value, or --name for one that "
         "is\n"
         "0 or 1. It is added to REALLOC_GUARD_OPTIONS and so wins over what is there already.\n");
    char text[RG_OPTIONS_HELP_CAP];
    struct rg_buf b;
    rg_buf_init(&b, text, sizeof text);
    rg_options_help(&b);
    fputs(text, stdout);
    puts("\nThe exit status is the program's own, 86 (see exitcode) when something was reported,\n"
         "or 125 when the program could not be run under the guard.");
}

int main(int argc, char **argv) {
    for (size_t i = 0; argc > 1 && i < RG_ARRAY_LEN(commands); i++) {
        if (!strcmp(argv[1], commands[i].name)) {
            return commands[i].run(argc - 1, argv + 1);
        }
    }
    return rg_cmd_run(argc, argv);
}
