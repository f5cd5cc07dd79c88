// SPDX-License-Identifier: MIT
// See source_text.h.
#include "source_text.h"

#include "need.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SIZE_MAX_READ = 16 << 20 };

// The rest of the path behind the folder; NULL: it is not within it.
static const char *within(const char *folder, const char *path) {
    size_t len = strlen(folder);
    if (strncmp(folder, path, len) != 0) {
        return NULL;
    }
    if (len > 0 && folder[len - 1] == '/') {
        return path + len;
    }
    return path[len] == '/' ? path + len + 1 : NULL;
}

static void add_line(struct rg_source *f, size_t begin) {
    f->lines = rg_need_room(f->lines, f->line_count, sizeof *f->lines);
    f->lines[f->line_count++] = begin;
}

static void split(struct rg_source *f, size_t len) {
    add_line(f, 0);
    for (size_t i = 0; i < len; i++) {
        if (f->text[i] == '\n') {
            add_line(f, i + 1);
        }
    }
    // What is behind the last newline is a line only if there is anything.
    if (f->lines[f->line_count - 1] < len) {
        add_line(f, len);
    }
    f->line_count--;
}

static bool read_all(struct rg_source *f, int fd, size_t size) {
    size_t len = 0;
    ssize_t got;
    f->text = rg_need(size + 1);
    while (len < size && (got = read(fd, f->text + len, size - len)) > 0) {
        len += (size_t)got;
    }
    split(f, len);
    return len > 0;
}

// A pipe or a device must not hold us up.
static bool read_file(struct rg_source *f, const char *path) {
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) {
        return false;
    }
    bool is_read = !fstat(fd, &info) && S_ISREG(info.st_mode) && info.st_size > 0 &&
                   info.st_size <= SIZE_MAX_READ && read_all(f, fd, (size_t)info.st_size);
    close(fd);
    f->changed = is_read ? (double)info.st_mtime : 0;
    return is_read;
}

// `rest`: the path from the folder on. Symbolic links must not lead out of the folder.
static bool try_file(struct rg_sources *s, struct rg_source *f, const char *rest) {
    char *path = rg_need_text("%s/%s", s->real_folder, rest);
    char *real = realpath(path, NULL);
    const char *inside = real ? within(s->real_folder, real) : NULL;
    bool is_found = inside && read_file(f, real);
    if (is_found) {
        f->path = rg_need_copy(inside);
    }
    free(real);
    free(path);
    return is_found;
}

static void look_for(struct rg_sources *s, struct rg_source *f) {
    const char *rest = *f->name == '/' ? within(s->folder, f->name) : f->name;
    if (rest && try_file(s, f, rest)) {
        f->is_named_so = true;
        return;
    }
    // What is where it was built is another file than one that is called alike here.
    if (*f->name == '/' && !access(f->name, F_OK)) {
        return;
    }
    // The ends of the path, the longest first.
    for (const char *end = strchr(f->name, '/'); end && strchr(end + 1, '/');
         end = strchr(end + 1, '/')) {
        if (try_file(s, f, end + 1)) {
            return;
        }
    }
}

const struct rg_source *rg_sources_find(struct rg_sources *s, const char *name) {
    if (!s->real_folder) {
        char *real = *s->folder ? realpath(s->folder, NULL) : NULL;
        s->real_folder = real ? real : rg_need_copy("");
    }
    for (size_t i = 0; i < s->count; i++) {
        if (!strcmp(s->files[i]->name, name)) {
            return s->files[i]->path ? s->files[i] : NULL;
        }
    }
    struct rg_source *f = rg_need(sizeof *f);
    f->name = rg_need_copy(name);
    if (*s->real_folder) {
        look_for(s, f);
    }
    s->files = rg_need_room(s->files, s->count, sizeof(struct rg_source *));
    s->files[s->count++] = f;
    s->not_found += !f->path;
    return f->path ? f : NULL;
}

char *rg_source_line(const struct rg_source *f, uint64_t line) {
    if (line == 0 || line > f->line_count) {
        return NULL;
    }
    size_t begin = f->lines[line - 1];
    size_t end = f->lines[line];
    while (end > begin && (f->text[end - 1] == '\n' || f->text[end - 1] == '\r')) {
        end--;
    }
    return rg_need_part(f->text + begin, end - begin);
}

void rg_sources_done(struct rg_sources *s) {
    for (size_t i = 0; i < s->count; i++) {
        struct rg_source *f = s->files[i];
        free(f->name);
        free(f->path);
        free(f->text);
        free(f->lines);
        free(f);
    }
    free(s->files);
    free(s->real_folder);
    *s = (struct rg_sources){0};
}
