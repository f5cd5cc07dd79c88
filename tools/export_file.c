// SPDX-License-Identifier: MIT
// See export_file.h. gzip is zlib's.
#include "export_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

static ssize_t write_gzip(void *cookie, const char *bytes, size_t len) {
    return gzwrite(cookie, bytes, (unsigned)len);
}

static int close_gzip(void *cookie) {
    return gzclose(cookie) == Z_OK ? 0 : EOF;
}

// Takes the descriptor, also where it fails.
static FILE *open_gzip(int fd) {
    // Quick: a trace may be long, and its export is mostly read once.
    gzFile file = gzdopen(fd, "wb1");
    if (!file) {
        close(fd);
        errno = ENOMEM;
        return NULL;
    }
    const cookie_io_functions_t functions = {.write = write_gzip, .close = close_gzip};
    FILE *stream = fopencookie(file, "w", functions);
    if (!stream) {
        gzclose(file);
    }
    return stream;
}

FILE *rg_export_file_open(const char *path, bool is_gzip) {
    const int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)
                        : fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
    if (fd < 0 || is_gzip) {
        return fd < 0 ? NULL : open_gzip(fd);
    }
    FILE *stream = fdopen(fd, "w");
    if (!stream) {
        close(fd);
    }
    return stream;
}
