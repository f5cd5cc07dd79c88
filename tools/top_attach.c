// SPDX-License-Identifier: MIT
// See top_attach.h. The library has parts of the trace mapped as long as the process lives.
#include "top_attach.h"

#include "launch.h"
#include "need.h"
#include "trace_header.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char deleted[] = " (deleted)";

struct search {
    pid_t pid;
    bool has_guard; // the library is there
    char *gone;     // a file that may have been the trace, and has no name any more
    char *found;
};

// As its own view of the file system has it, which may be another one.
static char *try_path(const struct search *s, const char *path) {
    char *inside = rg_need_text("/proc/%d/root%s", (int)s->pid, path);
    const char *const paths[] = {path, inside};
    char *found = NULL;
    for (size_t i = 0; i < 2 && !found; i++) {
        struct rg_trace_header_text header;
        char ignored[RG_TRACE_MESSAGE];
        const int fd = rg_trace_header_open(paths[i], &header, ignored);
        if (fd >= 0) {
            close(fd);
            // In a container it has another number.
            found = i == 1 || header.pid == (uint32_t)s->pid ? rg_need_copy(paths[i]) : NULL;
            rg_trace_header_done(&header);
        }
    }
    free(inside);
    return found;
}

// A line of maps: range, mode, offset, device, inode, path.
static void look_at(struct search *s, char *line) {
    char *path = strchr(line, '/');
    const char *mode = strchr(line, ' ');
    if (!path || !mode) {
        return;
    }
    path[strcspn(path, "\n")] = 0;
    const char *name = strrchr(path, '/');
    s->has_guard |= !strncmp(name + 1, RG_LIBRARY_NAME, strlen(RG_LIBRARY_NAME));
    if (s->found || strncmp(mode + 1, "rw-s", 4) != 0) {
        return;
    }
    const size_t len = strlen(path), tail = sizeof deleted - 1;
    if (len > tail && !strcmp(path + len - tail, deleted)) {
        const bool is_file = strncmp(path, "/dev/zero", 9) != 0 && strncmp(path, "/memfd:", 7) != 0;
        if (is_file && !s->gone) {
            path[len - tail] = 0;
            s->gone = rg_need_copy(path);
        }
        return;
    }
    s->found = try_path(s, path);
}

static char *explain(const struct search *s) {
    if (!s->has_guard) {
        return rg_need_text("process %d does not run under the guard, so nothing is traced; start "
                            "it with realloc-guard top -- PROGRAM, or with realloc-guard "
                            "--trace=PATH -- PROGRAM",
                            (int)s->pid);
    }
    if (s->gone) {
        return rg_need_text("process %d has no trace, or it was removed (%s); start the program "
                            "again with realloc-guard --trace=PATH -- PROGRAM, and keep the file",
                            (int)s->pid, s->gone);
    }
    return rg_need_text("process %d runs under the guard without a trace; start it again with "
                        "realloc-guard --trace=PATH -- PROGRAM",
                        (int)s->pid);
}

char *rg_top_attach_find(pid_t pid, char **ret_why) {
    char *path = rg_need_text("/proc/%d/maps", (int)pid);
    FILE *file = fopen(path, "re");
    free(path);
    struct search s = {.pid = pid};
    char *line = NULL;
    size_t cap = 0;
    errno = file ? 0 : errno;
    while (file && getline(&line, &cap, file) > 0) {
        look_at(&s, line);
    }
    const int error = errno;
    const bool is_readable = file && !ferror(file);
    if (file) {
        fclose(file);
    }
    free(line);
    if (!is_readable) {
        *ret_why = error == ENOENT || error == ESRCH
                       ? rg_need_text("there is no process %d; ps -e lists all", (int)pid)
                       : rg_need_text("process %d cannot be looked into: %s; be its user, or root",
                                      (int)pid, strerror(error));
    } else if (!s.found) {
        *ret_why = explain(&s);
    }
    free(s.gone);
    return s.found;
}
