// SPDX-License-Identifier: MIT
// realloc-guard options: the table of options, for people and for the documents made from it.
#include "command.h"

#include "base/options.h"

#include <stdio.h>
#include <string.h>

static void print_usage(void) {
    puts("Usage: realloc-guard options [--markdown | --man]\n\n"
         "Prints every option of the guard with its default and its meaning: as plain text, as a\n"
         "Markdown table, or as items of a manual page (mdoc).");
}

// A sentence as mdoc text, where a backslash is an escape and a dot at the beginning a request.
static void print_mdoc(const char *text) {
    if (*text == '.' || *text == '\'') {
        fputs("\\&", stdout);
    }
    for (; *text; text++) {
        fputs(*text == '\\' ? "\\e" : (char[]){*text, 0}, stdout);
    }
}

static void print_man_item(const struct rg_option_info *info) {
    char text[RG_OPTION_STRING_CAP];
    struct rg_buf b;
    rg_buf_init(&b, text, sizeof text);
    rg_option_put_default(&b, info);
    printf(".It Cm %s Ns = Ns Ar ", info->name);
    if (info->type == RG_TYPE_BOOL) {
        puts("0 | 1");
    } else if (info->type == RG_TYPE_INT) {
        printf("%d..%d\n", info->min, info->max);
    } else if (info->type == RG_TYPE_ENUM) {
        struct rg_buf words;
        char words_text[RG_OPTION_STRING_CAP];
        rg_buf_init(&words, words_text, sizeof words_text);
        rg_option_put_words(&words, info, " | ", " | ");
        puts(words_text);
    } else {
        puts("text");
    }
    print_mdoc(info->sentence);
    if (!strcmp(text, "\"\"")) {
        puts(".\nBy default it is empty.");
    } else {
        printf(".\nThe default is\n.Ql %s .\n", text);
    }
}

static void print_man(void) {
    size_t count;
    const struct rg_option_info *rows = rg_options_table(&count);
    puts(".Bl -tag -width Ds");
    for (size_t i = 0; i < count; i++) {
        print_man_item(&rows[i]);
    }
    puts(".El");
}

int rg_cmd_options(int argc, char **argv) {
    const char *form = argc > 1 ? argv[1] : "";
    char text[RG_OPTIONS_HELP_CAP];
    struct rg_buf b;
    rg_buf_init(&b, text, sizeof text);
    if (argc > 2) {
        fprintf(stderr, "realloc-guard: options takes one argument at most, not \"%s\"\n", argv[2]);
        return RG_EXIT_RUNNER;
    }
    if (!strcmp(form, "")) {
        rg_options_help(&b);
    } else if (!strcmp(form, "--markdown")) {
        rg_options_help_markdown(&b);
    } else if (!strcmp(form, "--man")) {
        print_man();
    } else if (!strcmp(form, "--help") || !strcmp(form, "-h")) {
        print_usage();
    } else {
        fprintf(stderr,
                "realloc-guard: options: unknown argument \"%s\"; it takes --markdown or --man\n",
                form);
        return RG_EXIT_RUNNER;
    }
    fputs(text, stdout);
    return 0;
}
