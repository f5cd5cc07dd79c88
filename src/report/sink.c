// SPDX-License-Identifier: MIT
// See sink.h. State: the worked-out path, set before there are threads and in a forked child;
// how many lines were lost, atomic.
#include "report/sink.h"

#include "base/fmt.h"
#include "base/options.h"
#include "base/sys.h"
#include "report/file_name.h"
#include "report/json_line.h"

#include <asm-generic/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>

static char path[1024]; // empty: a standard descriptor
static int standard_fd = 2;
static void (*test_sink)(const char *text, size_t len);
static bool complained;
static bool
    is_worked_out; // once: what is wrong with log_path has been said, and whether it takes a .PID is known
static bool wants_pid;

// Lines that could not be written: in all, and since the last one that could.
static _Atomic size_t lost, lost_here;
static bool is_cut; // in the middle of a line

// What the standard descriptor was when the program began.
static uint64_t standard_device, standard_inode;

// Whether .PID can be appended: not to what exists and is no regular file (/dev/null, a terminal, a pipe
// that somebody reads), nor to the name of a descriptor.
static bool takes_pid(const char *name) {
    struct stat st = {0};
    if (strncmp(name, "/dev/fd/", 8) == 0) {
        return false;
    }
    return rg_sys2(SYS_stat, (long)name, (long)&st) != 0 || S_ISREG(st.st_mode) ||
           S_ISDIR(st.st_mode);
}

void rg_sink_init(const char *const *environment) {
    struct stat st = {0};
    rg_file_name_init(environment);
    rg_sink_after_fork();
    rg_sys2(SYS_fstat, standard_fd, (long)&st);
    standard_device = st.st_dev;
    standard_inode = st.st_ino;
}

void rg_sink_after_fork(void) {
    const char *s = rg_options.log_path;
    path[0] = 0;
    atomic_store(&lost, 0);
    atomic_store(&lost_here, 0);
    bool is_stdout = strcmp(s, "stdout") == 0 || strcmp(s, "/dev/stdout") == 0;
    bool is_stderr = strcmp(s, "stderr") == 0 || strcmp(s, "/dev/stderr") == 0 || !*s;
    standard_fd = is_stdout ? 1 : 2;
    if (is_stdout || is_stderr) {
        return;
    }
    struct rg_buf b;
    rg_buf_init(&b, path, sizeof path);
    bool has_pid = rg_file_name_put(&b, s, is_worked_out ? NULL : "log_path");
    // Asked once: a forked child may be in a sandbox.
    if (!is_worked_out) {
        wants_pid = !has_pid && takes_pid(path);
        is_worked_out = true;
    }
    if (wants_pid) {
        rg_buf_fmt(&b, ".%d", rg_getpid());
    }
}

// Whether the standard descriptor still leads to where a person reads. A program may close it and open a
// file of its own there, which must not be written into; one that it has made its log on purpose is
// opened for appending, or is no regular file.
static bool standard_is_usable(void) {
    struct stat st = {0};
    long ret = rg_sys2(SYS_fstat, standard_fd, (long)&st);
    if (ret != 0) {
        return ret != -EBADF; // a seccomp filter may refuse to tell
    }
    bool same = st.st_dev == standard_device && st.st_ino == standard_inode;
    long flags = rg_sys3(SYS_fcntl, standard_fd, F_GETFL, 0);
    return same || !S_ISREG(st.st_mode) || (flags & O_APPEND);
}

// O_NONBLOCK: a pipe that nobody reads is refused (ENXIO), not waited for.
static long open_file(const char *name) {
    int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    return rg_sys3(SYS_open, (long)name, flags, 0666);
}

// Where nobody would see a report, it goes to a file in the working directory.
static long open_fallback(void) {
    char name[64];
    struct rg_buf b;
    rg_buf_init(&b, name, sizeof name);
    rg_buf_fmt(&b, "realloc_guard.%d.log", rg_getpid());
    return open_file(name);
}

static size_t count_lines(const char *text, size_t len) {
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        n += text[i] == '\n';
    }
    return n;
}

static void count_lost(const char *text, size_t len, size_t written) {
    size_t n = count_lines(text + written, len - written);
    is_cut = written > 0 ? text[written - 1] != '\n' : is_cut;
    atomic_fetch_add(&lost_here, n);
    atomic_fetch_add(&lost, n);
}

static void put_lost(struct rg_buf *b, size_t n) {
    char text[100];
    struct rg_buf t;
    rg_buf_init(&t, text, sizeof text);
    rg_buf_fmt(&t, "%zu line%s of reports %s lost here", n, n == 1 ? "" : "s",
               n == 1 ? "is" : "are");
    if (rg_options.format == RG_FORMAT_JSON) {
        rg_json_put_note(b, &(struct rg_note){.topic = "lost", .text = text, .lines = n});
    } else {
        rg_buf_fmt(b, "==%d== realloc_guard: %s\n", rg_getpid(), text);
    }
}

// Says how much is missing at this place.
static int tell_lost(int fd) {
    size_t n = atomic_load(&lost_here), written;
    char line[300];
    struct rg_buf b, rest;
    if (n == 0) {
        return 0;
    }
    rg_buf_init(&b, line, sizeof line);
    rg_buf_str(&b, is_cut ? "\n" : "");
    rg_buf_init(&rest, line + b.len, sizeof line - b.len);
    put_lost(&rest, n);
    b.len += rest.len;
    int error = rg_write_all(fd, line, b.len, &written);
    if (error == 0) {
        is_cut = false;
        atomic_fetch_sub(&lost_here, n);
    }
    return error;
}

// Both return 0 or -errno.
static int write_text(int fd, const char *text, size_t len, size_t *ret_written) {
    int error = tell_lost(fd);
    *ret_written = 0;
    return error ? error : rg_write_all(fd, text, len, ret_written);
}

static int write_to_log(const char *text, size_t len, size_t *ret_written) {
    long fd = open_file(path);
    if (fd < 0) {
        return (int)fd;
    }
    int error = write_text((int)fd, text, len, ret_written);
    rg_sys2(SYS_close, fd, 0);
    return error;
}

static int write_to_standard(const char *text, size_t len, size_t *ret_written) {
    if (standard_is_usable()) {
        return write_text(standard_fd, text, len, ret_written);
    }
    long fd = open_fallback();
    if (fd < 0) {
        return (int)fd;
    }
    int error = write_text((int)fd, text, len, ret_written);
    rg_sys2(SYS_close, fd, 0);
    return error;
}

void rg_sink_write(const char *text, size_t len) {
    if (test_sink) {
        test_sink(text, len);
        return;
    }
    size_t written = 0;
    int error = path[0] ? write_to_log(text, len, &written) : 0;
    // A pipe that somebody has open, and does not read, stays the log.
    bool is_refused = error != 0 && error != -EAGAIN;
    if (is_refused && !complained) {
        complained = true;
        rg_say(2, "realloc_guard: cannot write to log_path \"%s\" (%s); reporting here", path,
               strerrordesc_np(-error));
    }
    if (!path[0] || is_refused) {
        // The whole of it, also where the log has got a part.
        written = 0;
        error = write_to_standard(text, len, &written);
    }
    if (error != 0) {
        count_lost(text, len, written);
    }
}

size_t rg_sink_lost(void) {
    return atomic_load(&lost);
}

bool rg_sink_is_file(void) {
    return path[0];
}

bool rg_sink_is_terminal(void) {
    char termios[64];
    return !path[0] && rg_sys3(SYS_ioctl, standard_fd, TCGETS, (long)termios) == 0;
}

void rg_sink_set(void (*fn)(const char *text, size_t len)) {
    test_sink = fn;
}
