// SPDX-License-Identifier: MIT
// See failures_census.h.
#include "failures_census.h"

#include "need.h"
#include "symbolizer.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void rg_unescape(char *field) {
    char *to = field;
    for (const char *at = field; *at; at++) {
        bool is_escape = at[0] == '\\' && at[1];
        at += is_escape;
        *to++ = !is_escape ? *at : *at == 't' ? '\t' : *at == 'n' ? '\n' : *at;
    }
    *to = 0;
}

// Finds the end of the frame's path, and reads the offset behind it.
static bool split_frame(const char *frame, size_t len, size_t *ret_path_len, uint64_t *ret_offset) {
    static const char mark[] = "+0x";
    for (size_t at = len; at-- > 1;) {
        if (strncmp(frame + at, mark, 3) == 0) {
            char *end;
            *ret_path_len = at;
            *ret_offset = strtoull(frame + at + 3, &end, 16);
            return end == frame + len && end > frame + at + 3;
        }
    }
    return false;
}

static bool is_stack(const char *stack) {
    size_t frames = 0;
    for (const char *at = stack; at; frames++) {
        size_t path_len, len = strcspn(at, "\t");
        uint64_t offset;
        if (!split_frame(at, len, &path_len, &offset)) {
            return false;
        }
        at = at[len] ? at + len + 1 : NULL;
    }
    return frames <= RG_CENSUS_FRAMES;
}

int rg_census_add(struct rg_census *c, const char *line) {
    char *end;
    errno = 0;
    uint64_t calls = strtoull(line, &end, 10);
    // A stack that could not be walked has no frames.
    const char *stack = *end ? end + 1 : "?+0x0";
    if (errno || end == line || (*end && *end != '\t') || !is_stack(stack)) {
        return -EBADMSG;
    }
    c->stacks = rg_need_room(c->stacks, c->count, sizeof *c->stacks);
    c->stacks[c->count++] = (struct rg_counted){calls, rg_need_copy(stack)};
    c->calls += calls;
    return 0;
}

static int read_file(struct rg_census *c, const char *path) {
    FILE *file = fopen(path, "re");
    if (!file) {
        return -errno;
    }
    uint64_t before = c->calls;
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    int error = 0;
    while (!error && (len = getline(&line, &cap, file)) > 0) {
        if (line[len - 1] == '\n') {
            line[len - 1] = 0;
        }
        error = rg_census_add(c, line);
    }
    free(line);
    fclose(file);
    if (c->calls - before > c->longest) {
        c->longest = c->calls - before;
    }
    return error;
}

int rg_census_read(struct rg_census *c, const char *folder) {
    DIR *dir = opendir(folder);
    if (!dir) {
        return -errno;
    }
    int files = 0, error = 0;
    const struct dirent *entry;
    // cppcheck-suppress readdirCalled; nobody else reads this folder
    while (!error && (entry = readdir(dir))) {
        if (strncmp(entry->d_name, "census.", 7) == 0) {
            char *path = rg_need_text("%s/%s", folder, entry->d_name);
            error = read_file(c, path);
            free(path);
            files++;
        }
    }
    closedir(dir);
    return error ? error : files;
}

static int compare_stacks(const void *a, const void *b) {
    const struct rg_counted *x = a, *y = b;
    return strcmp(x->stack, y->stack);
}

void rg_census_merge(struct rg_census *c) {
    size_t kept = 0;
    if (c->count > 1) {
        qsort(c->stacks, c->count, sizeof *c->stacks, compare_stacks);
    }
    for (size_t i = 0; i < c->count; i++) {
        if (kept > 0 && !strcmp(c->stacks[kept - 1].stack, c->stacks[i].stack)) {
            c->stacks[kept - 1].calls += c->stacks[i].calls;
            free(c->stacks[i].stack);
        } else {
            c->stacks[kept++] = c->stacks[i];
        }
    }
    c->count = kept;
}

// The innermost frames of a stack, up to `depth`. A frame outside all modules is at another address in
// each run, so no site goes beyond one.
static size_t innermost(const char *stack, size_t depth) {
    const char *at = stack;
    for (size_t i = 0; i < depth; i++) {
        if (i > 0 && at[0] == '?' && at[1] == '+') {
            break;
        }
        at += strcspn(at, "\t");
        if (!*at) {
            return (size_t)(at - stack);
        }
        at++;
    }
    return (size_t)(at - stack) - 1;
}

// Reads the frames, and puts "MODULE+0xOFFSET" joined by '<' together.
static void fill_site(struct rg_site *site, const char *stack) {
    char *chain = rg_need_copy("");
    for (const char *at = stack; at;) {
        size_t path_len = 0, len = strcspn(at, "\t");
        struct rg_site_frame *f = &site->frames[site->depth++];
        split_frame(at, len, &path_len, &f->offset);
        f->path = rg_need_part(at, path_len);
        rg_unescape(f->path);
        const char *slash = strrchr(f->path, '/');
        char *longer = rg_need_text("%s%s%s+0x%" PRIx64, chain, *chain ? "<" : "",
                                    slash ? slash + 1 : f->path, f->offset);
        free(chain);
        chain = longer;
        at = at[len] ? at + len + 1 : NULL;
    }
    bool is_nowhere = !strcmp(site->frames[0].path, "?");
    // Both separate the parts of fail_realloc's list.
    bool is_odd = strchr(chain, ',') || (strchr(chain, '\'') && strchr(chain, '"'));
    if (is_nowhere || is_odd) {
        free(chain);
        chain = NULL;
    }
    site->chain = chain;
}

static int compare_sites(const void *a, const void *b) {
    const struct rg_site *x = a, *y = b;
    if (x->calls != y->calls) {
        return x->calls < y->calls ? 1 : -1;
    }
    // The order of one run is that of the next one.
    int by_module = strcmp(x->frames[0].path, y->frames[0].path);
    if (by_module || x->frames[0].offset != y->frames[0].offset) {
        return by_module ? by_module : (x->frames[0].offset > y->frames[0].offset) * 2 - 1;
    }
    return x->chain && y->chain ? strcmp(x->chain, y->chain) : 0;
}

size_t rg_census_sites(const struct rg_census *c, size_t depth, struct rg_site **ret_sites) {
    struct rg_census cut = {0};
    for (size_t i = 0; i < c->count; i++) {
        cut.stacks = rg_need_room(cut.stacks, cut.count, sizeof *cut.stacks);
        char *stack = rg_need_part(c->stacks[i].stack, innermost(c->stacks[i].stack, depth));
        cut.stacks[cut.count++] = (struct rg_counted){c->stacks[i].calls, stack};
    }
    rg_census_merge(&cut);
    struct rg_site *sites = rg_need(cut.count * sizeof *sites);
    for (size_t i = 0; i < cut.count; i++) {
        sites[i].calls = cut.stacks[i].calls;
        fill_site(&sites[i], cut.stacks[i].stack);
        free(cut.stacks[i].stack);
    }
    free(cut.stacks);
    if (cut.count > 1) {
        qsort(sites, cut.count, sizeof *sites, compare_sites);
    }
    for (size_t i = 0; i < cut.count; i++) {
        sites[i].number = i + 1;
    }
    *ret_sites = sites;
    return cut.count;
}

static char *copy_known(const char *text) {
    return text && *text && strcmp(text, "?") != 0 ? rg_need_copy(text) : NULL;
}

// The innermost of inlined functions is the one that calls realloc.
static void take_first(void *arg, const struct rg_frame *frame) {
    struct rg_site_frame *f = arg;
    if (!f->function && !f->file) {
        f->function = copy_known(frame->function);
        f->file = copy_known(frame->file);
        f->line = frame->line;
    }
}

void rg_site_name(struct rg_site *site, struct rg_symbolizer *s) {
    for (size_t i = 0; i < site->depth; i++) {
        struct rg_site_frame *f = &site->frames[i];
        rg_symbolizer_lookup(s, f->path, "-", f->offset, take_first, f);
    }
}
