// SPDX-License-Identifier: MIT
// See failures_folder.h.
#include "failures_folder.h"

#include "need.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// What is left of RG_OPTION_STRING_CAP for a path where each % takes two bytes and a file's name follows.
enum { PATH_MOST = 240 };

static int refuse(char **ret_why, int error, const char *format, const char *path) {
    char text[PATH_MAX + 200];
    snprintf(text, sizeof text, format, path, strerror(error));
    *ret_why = rg_need_copy(text);
    return -error;
}

static int open_temporary(struct rg_folder *f, char **ret_why) {
    const char *where = getenv("TMPDIR");
    // mkdtemp replaces six letters.
    char letters[] = "??????";
    memset(letters, 'X', strlen(letters));
    char *path = rg_need_text("%s/realloc-guard.%s", where && *where ? where : "/tmp", letters);
    if (!mkdtemp(path)) {
        return refuse(ret_why, errno,
                      "cannot make a temporary folder %s: %s; set TMPDIR, or name one with "
                      "--keep=DIR",
                      path);
    }
    f->path = path;
    return 0;
}

static int check(struct rg_folder *f, const char *keep, char **ret_why) {
    char *full = realpath(keep ? keep : f->path, NULL);
    struct stat st;
    if (!full || stat(full, &st) < 0) {
        return refuse(ret_why, errno, "folder %s: %s; name another with --keep=DIR",
                      keep ? keep : f->path);
    }
    if (!S_ISDIR(st.st_mode)) {
        return refuse(ret_why, ENOTDIR, "--keep=%s: %s; name a folder", keep ? keep : f->path);
    }
    if (strlen(full) > PATH_MOST) {
        return refuse(ret_why, ENAMETOOLONG,
                      "folder %s: %s; name a shorter one with --keep=DIR or TMPDIR", full);
    }
    // Neither can be quoted in the guard's options then.
    if (strchr(full, '\'') && strchr(full, '"')) {
        return refuse(ret_why, EINVAL,
                      "folder %s: %s, its name holds both ' and \"; name another with --keep=DIR "
                      "or TMPDIR",
                      full);
    }
    f->path = full;
    return 0;
}

int rg_folder_open(struct rg_folder *f, const char *keep, char **ret_why) {
    *f = (struct rg_folder){.is_kept = keep != NULL};
    if (keep && mkdir(keep, 0777) < 0 && errno != EEXIST) {
        return refuse(ret_why, errno, "--keep=%s: %s; name a folder that can be made", keep);
    }
    int error = keep ? 0 : open_temporary(f, ret_why);
    if (error) {
        return error;
    }
    error = check(f, keep, ret_why);
    if (error && !keep) {
        rmdir(f->path);
    }
    return error;
}

char *rg_folder_of(const struct rg_folder *f, const char *name) {
    return rg_need_text("%s/%s", f->path, name);
}

char *rg_folder_option(const char *folder, const char *name) {
    char *value = rg_need(2 * strlen(folder) + strlen(name) + 8);
    char *at = value;
    for (; *folder; folder++) {
        *at++ = *folder;
        if (*folder == '%') {
            *at++ = '%';
        }
    }
    sprintf(at, "/%s.%%p", name);
    return value;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw) {
    (void)st;
    (void)type;
    (void)ftw;
    remove(path);
    return 0;
}

void rg_folder_remove(const char *path) {
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void rg_folder_drop(const struct rg_folder *f, const char *path) {
    if (!f->is_kept) {
        rg_folder_remove(path);
    }
}

void rg_folder_close(const struct rg_folder *f) {
    rg_folder_drop(f, f->path);
}
