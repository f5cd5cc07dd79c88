// SPDX-License-Identifier: MIT
// realloc-guard convert: logs of format=json, of many processes, into other formats.
#include "cmd_convert_request.h"
#include "command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_usage(void) {
    puts("Usage: realloc-guard convert --to=FORMAT [OPTION]... FILE...\n\n"
         "Puts together what processes have logged with the option format=json, each distinct\n"
         "misuse once, and writes it in another format. A FILE may hold the lines of many\n"
         "processes, or be what --to=json wrote, or a folder of such; - is standard input.\n\n"
         "Formats:");
    rg_convert_request_print_formats();
    puts(
        "\nOptions:\n"
        "  --source-root=DIR  the folder that paths of source files are made relative to, but for\n"
        "                     text; by default the working directory, and none if it is empty\n"
        "  --sort=ORDER       first: in the order in which the misuses were met (the default);\n"
        "                     count: the most frequent first\n"
        "  -o FILE            write into FILE rather than to standard output\n"
        "  --help             this text\n\n"
        "The exit status is 0, also where there are misuses; 1 where a line or file could not be\n"
        "read, and the rest was converted; 2 where nothing was.\n\n"
        "A program of this name is run by: realloc-guard run convert");
}

static bool is_complete(const struct rg_convert_request *r) {
    if (!r->format) {
        fputs("realloc-guard: convert: to what is not said; add --to=FORMAT, or write \"run "
              "convert\" for a program of that name\n",
              stderr);
        return false;
    }
    if (r->file_count == 0) {
        fputs("realloc-guard: convert: no file is given; name the logs, or - for standard input\n",
              stderr);
        return false;
    }
    return true;
}

static int convert(const struct rg_convert_request *r) {
    struct rg_conversion c;
    rg_convert_request_begin(r, &c);
    for (int i = 0; i < r->file_count; i++) {
        rg_convert_request_read(r->files[i], &c);
    }
    rg_merge_sort(&c.merge, r->order);
    bool is_written = rg_convert_request_write(r, &c, r->format->write);
    bool is_whole = c.damaged_lines + c.unread_files == 0;
    rg_convert_request_end(&c);
    return !is_written ? RG_CONVERT_REFUSED : is_whole ? 0 : RG_CONVERT_DAMAGED;
}

int rg_cmd_convert(int argc, char **argv) {
    struct rg_convert_request r = {.command = "convert", .source_root = "."};
    if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
        print_usage();
        return 0;
    }
    bool is_good = rg_convert_request_parse(&r, argc, argv) && is_complete(&r);
    int status = is_good ? convert(&r) : RG_CONVERT_REFUSED;
    free(r.files);
    return status;
}
