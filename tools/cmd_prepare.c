// SPDX-License-Identifier: MIT
// See cmd_prepare.h.
#include "cmd_prepare.h"

#include "base/options.h"
#include "base/suppression_file.h"
#include "command.h"
#include "launch.h"
#include "need.h"
#include "target_check.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int rg_fail(const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    fputs("realloc-guard: ", stderr);
    vfprintf(stderr, format, ap);
    fputc('\n', stderr);
    va_end(ap);
    return RG_EXIT_RUNNER;
}

struct rg_word rg_word_split(const char *word) {
    struct rg_word w = {.name = word + 2};
    w.len = strcspn(w.name, "=");
    w.value = w.name[w.len] ? w.name + w.len + 1 : NULL;
    return w;
}

bool rg_word_is(const struct rg_word *word, const char *name) {
    return word->len == strlen(name) && !strncmp(word->name, name, word->len);
}

int rg_word_need_value(struct rg_word *word, char **argv, int *at) {
    if (word->value) {
        return 0;
    }
    word->value = argv[*at];
    if (!word->value || !strcmp(word->value, "--")) {
        return rg_fail("option --%.*s has no value; write --%.*s=VALUE", (int)word->len, word->name,
                       (int)word->len, word->name);
    }
    ++*at;
    return 0;
}

// Finds the option that the command line calls --WORD, with '-' for '_' if one likes.
static const struct rg_option_info *find_option(const char *word, size_t len, bool nearest) {
    char name[64];
    if (len >= sizeof name) {
        return NULL;
    }
    for (size_t i = 0; i < len; i++) {
        name[i] = word[i] == '-' ? '_' : word[i];
    }
    return nearest ? rg_option_nearest(name, len) : rg_option_find(name, len);
}

static int unknown_option(const char *word, size_t len) {
    const struct rg_option_info *nearest = find_option(word, len, true);
    if (nearest) {
        return rg_fail("unknown option --%.*s; did you mean --%s? (--help lists all)", (int)len,
                       word, nearest->name);
    }
    return rg_fail(
        "unknown option --%.*s; --help lists all; options of the program go behind its name",
        (int)len, word);
}

static void print_complaint(void *arg, const char *line) {
    bool *found = arg;
    rg_fail("%s", line);
    *found = true;
}

// What a pipe holds can be read once, and that is for the program.
static bool is_regular(const char *path) {
    struct stat st;
    return stat(path, &st) < 0 || S_ISREG(st.st_mode) || S_ISDIR(st.st_mode);
}

// Checks files of suppressions, and makes the list one that holds in any folder.
static int prepare_suppressions(const char *files, char **ret_files) {
    char *list = rg_need_copy(files), *whole = rg_need_copy(""), *rest = list;
    bool is_refused = false;
    for (char *file = strsep(&rest, ":"); file; file = strsep(&rest, ":")) {
        char path[PATH_MAX];
        bool is_checked = *file && is_regular(file);
        if (is_checked) {
            rg_suppressions_read(file, print_complaint, &is_refused);
        }
        bool is_resolved = is_checked && realpath(file, path) && !strchr(path, ':');
        char *longer = rg_need_text("%s%s%s", whole, *whole ? ":" : "", is_resolved ? path : file);
        free(whole);
        whole = longer;
    }
    free(list);
    *ret_files = whole;
    return is_refused ? RG_EXIT_RUNNER : 0;
}

static int add_option(const struct rg_option_info *info, const char *value) {
    struct rg_options scratch = rg_options;
    char text[400];
    struct rg_buf why;
    rg_buf_init(&why, text, sizeof text);
    if (!rg_option_set(&scratch, info, value, strlen(value), &why)) {
        return rg_fail("option --%s: %s", info->name, text);
    }
    int error = rg_launch_add_option(info->name, value);
    if (error == -EINVAL) {
        return rg_fail("option --%s: the value holds both ' and \", which no quoting can carry; "
                       "leave out one kind",
                       info->name);
    }
    return error ? rg_fail("option --%s: %s", info->name, strerror(-error)) : 0;
}

int rg_prepare_option(struct rg_word *word, char **argv, int *at) {
    const struct rg_option_info *info = find_option(word->name, word->len, false);
    if (!info) {
        return unknown_option(word->name, word->len);
    }
    if (!word->value && info->type == RG_TYPE_BOOL) {
        word->value = "1";
    }
    int status = rg_word_need_value(word, argv, at);
    if (status || strcmp(info->name, "suppressions") != 0) {
        return status ? status : add_option(info, word->value);
    }
    char *files;
    status = prepare_suppressions(word->value, &files);
    status = status ? status : add_option(info, files);
    free(files);
    return status;
}

int rg_prepare_preload(const char *wanted) {
    char path[PATH_MAX];
    if (!wanted && rg_launch_find_library(path) < 0) {
        return rg_fail("%s does not exist and neither ../lib has one; name the library with "
                       "--library=PATH",
                       path);
    }
    if (wanted && !realpath(wanted, path)) {
        return rg_fail("--library=%s: %s; name a " RG_LIBRARY_NAME " that exists", wanted,
                       strerror(errno));
    }
    static struct rg_target library;
    enum rg_target_cause cause = rg_target_check_library(path, &library);
    if (cause == RG_TARGET_UNREADABLE) {
        return rg_fail("the library %s cannot be read: %s; mend its permissions", path,
                       library.detail);
    }
    if (cause == RG_TARGET_OTHER_LIBRARY) {
        return rg_fail(
            "%s is not the guard's library; name a " RG_LIBRARY_NAME " with --library=PATH", path);
    }
    if (cause != RG_TARGET_OK) {
        return rg_fail("the library %s is not a shared object for x86-64; name the right file with "
                       "--library=PATH",
                       path);
    }
    int error = rg_launch_set_preload(path);
    if (error == -EINVAL) {
        return rg_fail("the library path \"%s\" holds a space or a colon, which LD_PRELOAD cannot "
                       "carry; move or copy it, or name another with --library=PATH",
                       path);
    }
    return error ? rg_fail("LD_PRELOAD: %s", strerror(-error)) : 0;
}

// Why a preload cannot work, as "IT <text>"; %s is the detail.
static const char *const cause_texts[] = {
    [RG_TARGET_NOT_FOUND] = "does not exist; check its spelling and PATH",
    [RG_TARGET_IS_DIRECTORY] = "is a directory; name a program",
    [RG_TARGET_NOT_EXECUTABLE] = "is not executable; chmod +x it, or name its interpreter",
    [RG_TARGET_UNREADABLE] = "cannot be read to check it (%s); make it readable",
    [RG_TARGET_NOT_A_PROGRAM] =
        "is neither an ELF program nor a script with a #! line; name the program that runs it",
    [RG_TARGET_TOO_MANY_SCRIPTS] =
        "is the fifth script in a row that another one interprets; name the real interpreter",
    [RG_TARGET_OTHER_MACHINE] =
        "is built for %s and the guard is for x86-64 only; build it for x86-64",
    [RG_TARGET_STATIC] =
        "is statically linked, so nothing can be preloaded; link it dynamically, without -static "
        "or -static-pie",
    [RG_TARGET_OTHER_LIBC] =
        "uses another C library (its loader is %s) and the guard is for glibc only; build it "
        "for glibc",
    [RG_TARGET_SETUID] = "is set-user-id, so the loader ignores LD_PRELOAD; run a copy without "
                         "that bit, or run as its owner",
    [RG_TARGET_SETGID] = "is set-group-id, so the loader ignores LD_PRELOAD; run a copy without "
                         "that bit, or run with its group",
    [RG_TARGET_CAPABILITIES] = "has file capabilities, so the loader ignores LD_PRELOAD; run a "
                               "copy, which has none",
    [RG_TARGET_SANITIZER] =
        "is built with a sanitizer that has an allocator of its own (%s); build it without "
        "-fsanitize",
};

static int refuse(const char *name, enum rg_target_cause cause, const struct rg_target *target) {
    const char *text = cause_texts[cause];
    const char *detail = strstr(text, "%s");
    char why[600];
    if (detail) {
        snprintf(why, sizeof why, "%.*s%s%s", (int)(detail - text), text, target->detail,
                 detail + 2);
    } else {
        snprintf(why, sizeof why, "%s", text);
    }
    if (!strcmp(target->path, target->checked)) {
        return rg_fail("cannot guard %s: it %s", name, why);
    }
    return rg_fail("cannot guard %s: its interpreter %s %s", name, target->checked, why);
}

int rg_prepare_program(const char *name, struct rg_target *ret_target) {
    enum rg_target_cause cause = rg_target_check(name, ret_target);
    return cause == RG_TARGET_OK ? 0 : refuse(name, cause, ret_target);
}
