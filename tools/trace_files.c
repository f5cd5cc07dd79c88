// SPDX-License-Identifier: MIT
// See trace_files.h.
#include "trace_files.h"

#include "need.h"
#include "text_out.h"

#include "trace/format.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void add(struct rg_trace_files *f, char *path) {
    f->paths = rg_need_room((void *)f->paths, f->count, sizeof *f->paths);
    f->paths[f->count++] = path;
}

// By how it begins: logs and output of the programs may lie beside traces.
static bool is_trace(const char *path) {
    char magic[sizeof RG_TRACE_MAGIC] = "";
    struct stat st;
    // A named pipe would be waited for.
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        return false;
    }
    const bool is_one = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
                        pread(fd, magic, sizeof magic, 0) == (ssize_t)sizeof magic &&
                        !memcmp(magic, RG_TRACE_MAGIC, sizeof magic);
    close(fd);
    return is_one;
}

static int is_not_hidden(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

static void refuse_folder(struct rg_trace_files *f, const char *command, const char *path,
                          const char *why) {
    fprintf(stderr, "realloc-guard: trace %s: ", command);
    rg_put_printable(stderr, path);
    fprintf(stderr, " %s; name traces, or a folder that they are in\n", why);
    f->empty++;
}

static void add_folder(struct rg_trace_files *f, const char *command, const char *path) {
    struct dirent **entries = NULL;
    const size_t before = f->count;
    const int count = scandir(path, &entries, is_not_hidden, versionsort);
    if (count < 0) {
        char *why = rg_need_text("cannot be read (%s)", strerror(errno));
        refuse_folder(f, command, path, why);
        free(why);
        return;
    }
    for (int i = 0; i < count; i++) {
        const char *mark = path[strlen(path) - 1] == '/' ? "" : "/";
        char *file = rg_need_text("%s%s%s", path, mark, entries[i]->d_name);
        if (is_trace(file)) {
            add(f, file);
        } else {
            free(file);
        }
        free(entries[i]);
    }
    free((void *)entries);
    if (f->count == before) {
        refuse_folder(f, command, path, "is a folder without a trace in it");
    }
}

void rg_trace_files_add(struct rg_trace_files *f, const char *command, const char *path) {
    struct stat st;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        add_folder(f, command, path);
    } else {
        add(f, rg_need_copy(path));
    }
}

void rg_trace_files_done(struct rg_trace_files *f) {
    for (size_t i = 0; i < f->count; i++) {
        free(f->paths[i]);
    }
    free((void *)f->paths);
}
