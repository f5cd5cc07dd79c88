// SPDX-License-Identifier: MIT
// realloc-guard trace: what a program has allocated, from the file that the option trace=PATH writes.
#include "cmd_trace.h"

#include "command.h"
#include "text_out.h"
#include "trace_request.h"

#include "base/compiler.h"

#include <stdio.h>
#include <string.h>

static const struct rg_command subcommands[] = {
    {"export", "write it in the format of another program", rg_trace_export},
    {"html", "the same and more as one page, with pictures, for a browser", rg_trace_html},
    {"summary", "what it allocated, at most and in the end, on one screen", rg_trace_summary},
    {"top", "the call sites that allocate most", rg_trace_top},
    {"timeline", "live memory over time", rg_trace_timeline},
    {"realloc", "where blocks grow, how, and what that copies", rg_trace_realloc},
    {"blocks", "the life of single blocks, through realloc", rg_trace_blocks},
    {"events", "the calls one by one", rg_trace_events},
    {"folded", "a line for each stack, for flame graphs", rg_trace_folded},
};

static void print_usage(void) {
    puts("Usage: realloc-guard trace SUBCOMMAND [OPTION]... FILE\n\n"
         "Tells what a program has allocated, from a trace: a file that the library writes, one a\n"
         "process, when it is given trace=PATH:\n\n"
         "  realloc-guard --trace=/tmp/t -- PROGRAM\n"
         "  realloc-guard trace summary /tmp/t.*\n\n"
         "Subcommands:");
    for (size_t i = 0; i < RG_ARRAY_LEN(subcommands); i++) {
        printf("  %-8s  %s\n", subcommands[i].name, subcommands[i].summary);
    }
    puts(
        "\nEach has a --help of its own. A trace can be read while the program still runs.\n\n"
        "The exit status is 0; 1 where a trace was damaged, and the rest was read; 2 where nothing "
        "was\ndone.\n\n"
        "A program of this name is run by: realloc-guard run trace");
}

int rg_cmd_trace(int argc, char **argv) {
    if (argc < 2) {
        fputs("realloc-guard: trace: no subcommand is given; see trace --help, or write \"run "
              "trace\" for a program of that name\n",
              stderr);
        return RG_TRACE_REFUSED;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
        print_usage();
        return 0;
    }
    for (size_t i = 0; i < RG_ARRAY_LEN(subcommands); i++) {
        if (!strcmp(argv[1], subcommands[i].name)) {
            return subcommands[i].run(argc - 1, argv + 1);
        }
    }
    fputs("realloc-guard: trace: unknown subcommand \"", stderr);
    rg_put_printable(stderr, argv[1]);
    fputs("\"; see trace --help\n", stderr);
    return RG_TRACE_REFUSED;
}
