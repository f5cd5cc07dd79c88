// SPDX-License-Identifier: MIT
// See sink.h. State: the worked-out path, set before there are threads and in a forked child.
#include "report/sink.h"

#include "base/fmt.h"
#include "base/options.h"
#include "base/sys.h"

#include <asm-generic/ioctls.h>
#include <fcntl.h>
#include <string.h>

static char path[1024]; // empty: a standard descriptor
static int standard_fd = 2;
static const char *const *env;
static void (*test_sink)(const char *text, size_t len);
static bool complained;

static const char *find_variable(const char *name, size_t len) {
    for (const char *const *e = env; e && *e; e++) {
        if (strncmp(*e, name, len) == 0 && (*e)[len] == '=') {
            return *e + len + 1;
        }
    }
    return NULL;
}

// Expands one % sequence at s; returns where it ends.
static const char *expand(struct rg_buf *b, const char *s, bool *ret_has_pid) {
    if (s[1] == 'p') {
        rg_buf_fmt(b, "%d", rg_getpid());
        *ret_has_pid = true;
        return s + 2;
    }
    const char *close = s[1] == 'q' && s[2] == '{' ? strchr(s + 3, '}') : NULL;
    if (close) {
        const char *value = find_variable(s + 3, (size_t)(close - s - 3));
        if (value) {
            rg_buf_str(b, value);
        } else {
            rg_say(2, "realloc_guard: log_path: the variable %.*s is not set; left out",
                   (int)(close - s - 3), s + 3);
        }
        return close + 1;
    }
    rg_buf_put(b, s, 1);
    return s[1] == '%' ? s + 2 : s + 1;
}

void rg_sink_init(const char *const *environment) {
    env = environment;
    rg_sink_after_fork();
}

void rg_sink_after_fork(void) {
    const char *s = rg_options.log_path;
    path[0] = 0;
    standard_fd = strcmp(s, "stdout") == 0 ? 1 : 2;
    if (strcmp(s, "stdout") == 0 || strcmp(s, "stderr") == 0 || !*s) {
        return;
    }
    struct rg_buf b;
    bool has_pid = false;
    rg_buf_init(&b, path, sizeof path);
    while (*s) {
        if (*s == '%') {
            s = expand(&b, s, &has_pid);
        } else {
            rg_buf_put(&b, s++, 1);
        }
    }
    if (!has_pid) {
        rg_buf_fmt(&b, ".%d", rg_getpid());
    }
}

void rg_sink_write(const char *text, size_t len) {
    if (test_sink) {
        test_sink(text, len);
        return;
    }
    long fd = standard_fd;
    if (path[0]) {
        fd = rg_sys3(SYS_open, (long)path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
        if (fd < 0 && !complained) {
            complained = true;
            rg_say(2, "realloc_guard: cannot write to log_path \"%s\" (error %ld); reporting here",
                   path, -fd);
        }
    }
    rg_write_all(fd < 0 ? 2 : (int)fd, text, len);
    if (path[0] && fd >= 0) {
        rg_sys2(SYS_close, fd, 0);
    }
}

bool rg_sink_is_terminal(void) {
    char termios[64];
    return !path[0] && rg_sys3(SYS_ioctl, standard_fd, TCGETS, (long)termios) == 0;
}

void rg_sink_set(void (*fn)(const char *text, size_t len)) {
    test_sink = fn;
}
