// SPDX-License-Identifier: MIT
// What formats need of a conversion, see convert.h. Nothing looks at the disk: a log is often read on another machine.
#include "convert.h"

#include "need.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Takes "." and ".." and doubled slashes out. A ".." that nothing is before stays, but for that behind the root.
static void simplify(char *path) {
    char *root = path + (*path == '/');
    char *to = root;
    char *kept = root; // what is before this is not taken back
    for (const char *from = root; *from;) {
        size_t len = strcspn(from, "/");
        bool is_up = len == 2 && !strncmp(from, "..", 2);
        if (is_up && to > kept) {
            while (to > kept && *--to != '/') {
            }
        } else if (len > 0 && !(len == 1 && *from == '.') && !(is_up && root > path)) {
            if (to > root) {
                *to++ = '/';
            }
            memmove(to, from, len);
            to += len;
            kept = is_up ? to : kept;
        }
        from += len + (from[len] == '/');
    }
    *to = 0;
}

char *rg_plain_path(const char *path) {
    char *folder = *path == '/' ? NULL : getcwd(NULL, 0);
    char *plain = folder ? rg_need_text("%s/%s", folder, path) : rg_need_copy(path);
    free(folder);
    simplify(plain);
    return plain;
}

const struct rg_value *rg_conversion_read(struct rg_conversion *c, const struct rg_merged *f) {
    return rg_document_read(&c->document, f->line, strlen(f->line));
}

char *rg_conversion_path(const struct rg_conversion *c, const char *file) {
    char *path = rg_need_copy(file);
    size_t len = strlen(c->source_root);
    simplify(path);
    if (len > 0 && !strncmp(path, c->source_root, len)) {
        size_t skip = c->source_root[len - 1] == '/' ? len : path[len] == '/' ? len + 1 : 0;
        memmove(path, path + skip, strlen(path + skip) + 1);
    }
    return path;
}
