// SPDX-License-Identifier: MIT
// See program_path.h.
#include "program_path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Bytes of a script that the kernel looks at (BINPRM_BUF_SIZE).
enum { SCRIPT_HEAD = 256 };

static int join(const char *dir, size_t dir_len, const char *name, char *ret_path) {
    int len = snprintf(ret_path, PATH_MAX, "%.*s%s%s", (int)dir_len, dir, dir_len ? "/" : "", name);
    return len < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static int check_executable(const char *path) {
    struct stat st;
    if (stat(path, &st) < 0) {
        return -errno;
    }
    if (S_ISDIR(st.st_mode)) {
        return -EISDIR;
    }
    return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0 ? -errno : 0;
}

static int find_in(const char *path_list, const char *name, char *ret_path) {
    char candidate[PATH_MAX];
    int result = -ENOENT;
    for (const char *dir = path_list;; dir++) {
        size_t len = strcspn(dir, ":");
        if (join(dir, len, name, candidate) == 0) {
            int found = check_executable(candidate);
            if (found == 0) {
                strcpy(ret_path, candidate);
                return 0;
            }
            if (found == -EACCES && result == -ENOENT) {
                strcpy(ret_path, candidate);
                result = found;
            }
        }
        dir += len;
        if (!*dir) {
            return result;
        }
    }
}

int rg_program_find(const char *name, char *ret_path) {
    if (!*name) {
        return -ENOENT;
    }
    if (strlen(name) >= PATH_MAX) {
        return -ENAMETOOLONG;
    }
    if (strchr(name, '/')) {
        strcpy(ret_path, name);
        return check_executable(name);
    }
    const char *path_list = getenv("PATH");
    return find_in(path_list ? path_list : "/bin:/usr/bin", name, ret_path);
}

// Cuts text after its first word and returns that word; *ret_rest is what follows it.
static char *first_word(char *text, char **ret_rest) {
    text += strspn(text, " \t");
    size_t len = strcspn(text, " \t");
    *ret_rest = text + len;
    if (text[len]) {
        text[len] = 0;
        ++*ret_rest;
    }
    return text;
}

// The program that `env ARGUMENT` runs, or NULL. The kernel hands over one argument; env splits it
// only when it begins with -S.
static char *env_program(char *argument) {
    static const char *const splits[] = {"-S", "-vS", "--split-string=", "--split-string"};
    for (size_t i = 0; i < sizeof splits / sizeof splits[0]; i++) {
        size_t len = strlen(splits[i]);
        if (!strncmp(argument, splits[i], len)) {
            char *rest = argument + len;
            for (char *word = first_word(rest, &rest); *word; word = first_word(rest, &rest)) {
                if (*word != '-' && !strchr(word, '=')) {
                    return word;
                }
            }
            return NULL;
        }
    }
    return *argument && *argument != '-' ? argument : NULL;
}

static int parse_head(char *head, char *ret_interpreter) {
    char *end = strpbrk(head, "\n");
    if (end) {
        *end = 0;
    }
    char *rest;
    char *interpreter = first_word(head + 2, &rest);
    if (!*interpreter) {
        return -ENOEXEC;
    }
    rest += strspn(rest, " \t");
    size_t rest_len = strlen(rest);
    while (rest_len > 0 && strchr(" \t", rest[rest_len - 1])) {
        rest[--rest_len] = 0;
    }
    const char *slash = strrchr(interpreter, '/');
    if (!strcmp(slash ? slash + 1 : interpreter, "env")) {
        char *program = env_program(rest);
        strcpy(ret_interpreter, program ? program : interpreter);
        return 1;
    }
    // The kernel does not search PATH: a bare name is a file of the current directory.
    snprintf(ret_interpreter, PATH_MAX, "%s%s", slash ? "" : "./", interpreter);
    return 1;
}

int rg_program_interpreter(const char *path, char *ret_interpreter) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    char head[SCRIPT_HEAD + 1];
    ssize_t len = read(fd, head, SCRIPT_HEAD);
    int error = errno;
    close(fd);
    if (len < 0) {
        return -error;
    }
    head[len] = 0;
    return strncmp(head, "#!", 2) ? 0 : parse_head(head, ret_interpreter);
}
