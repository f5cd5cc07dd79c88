// SPDX-License-Identifier: MIT
// See launch.h.
#include "launch.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int rg_launch_find_library(char *ret_path) {
    static const char *const places[] = {"", "../lib/", "../lib/x86_64-linux-gnu/"};
    char dir[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", dir, sizeof dir - 1);
    if (len < 0) {
        return -errno;
    }
    dir[len] = 0;
    char *slash = strrchr(dir, '/');
    if (!slash) {
        return -ENOENT;
    }
    slash[1] = 0;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        char candidate[2 * PATH_MAX];
        snprintf(candidate, sizeof candidate, "%s%s%s", dir, places[i], RG_LIBRARY_NAME);
        if (realpath(candidate, ret_path)) {
            return 0;
        }
    }
    snprintf(ret_path, PATH_MAX, "%.*s%s", PATH_MAX - 32, dir, RG_LIBRARY_NAME);
    return -ENOENT;
}

// Sets variable to "first<between>second".
static int set_joined(const char *variable, const char *first, const char *between,
                      const char *second) {
    char *text;
    if (asprintf(&text, "%s%s%s", first, between, second) < 0) {
        return -ENOMEM;
    }
    int result = setenv(variable, text, 1) < 0 ? -errno : 0;
    free(text);
    return result;
}

int rg_launch_set_preload(const char *library) {
    if (strpbrk(library, " :")) {
        return -EINVAL;
    }
    const char *before = getenv("LD_PRELOAD");
    before = before ? before : "";
    return set_joined("LD_PRELOAD", library, *before ? ":" : "", before);
}

int rg_launch_add_option(const char *name, const char *value) {
    const char *quote = "";
    if (strpbrk(value, ": \t\n\v\f\r'\"")) {
        quote = strchr(value, '\'') ? "\"" : "'";
        if (strstr(value, quote)) {
            return -EINVAL;
        }
    }
    char *item;
    if (asprintf(&item, "%s=%s%s%s", name, quote, value, quote) < 0) {
        return -ENOMEM;
    }
    const char *before = getenv("REALLOC_GUARD_OPTIONS");
    before = before ? before : "";
    int result = set_joined("REALLOC_GUARD_OPTIONS", before, *before ? ":" : "", item);
    free(item);
    return result;
}
