// SPDX-License-Identifier: MIT
// See top_output.h.
#include "top_output.h"

#include "need.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct piece {
    int fd; // 1 or 2
    size_t len;
};

static FILE *open_kept(const char *folder) {
    const int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    // Not every file system can do that.
    return fd < 0 ? tmpfile() : fdopen(fd, "w+");
}

int rg_top_output_open(struct rg_top_output *o, const char *folder, const bool is_collected[2],
                       int ret_ends[2]) {
    *o = (struct rg_top_output){.pipes = {-1, -1}};
    ret_ends[0] = ret_ends[1] = -1;
    o->kept = open_kept(folder);
    if (!o->kept) {
        return -errno;
    }
    for (int i = 0; i < 2; i++) {
        int ends[2];
        if (!is_collected[i]) {
            continue;
        }
        if (pipe2(ends, O_CLOEXEC) < 0) {
            return -errno;
        }
        fcntl(ends[0], F_SETFL, O_NONBLOCK);
        o->pipes[i] = ends[0];
        ret_ends[i] = ends[1];
    }
    return 0;
}

static void begin_line(struct rg_top_output *o) {
    o->lines[o->line_count++ % RG_TOP_OUTPUT_LINES][0] = 0;
    o->last_len = 0;
}

// Whether the byte belongs to what a terminal would obey, as colours.
static bool is_escaped(struct rg_top_output *o, unsigned char byte) {
    const enum rg_top_escape before = o->escape;
    if (byte == 0x1b) {
        o->escape = RG_TOP_ESCAPE;
    } else if (before == RG_TOP_ESCAPE) {
        o->escape = byte == '[' ? RG_TOP_ESCAPE_SEQUENCE : RG_TOP_NO_ESCAPE;
    } else if (before == RG_TOP_ESCAPE_SEQUENCE && byte >= 0x40 && byte <= 0x7e) {
        o->escape = RG_TOP_NO_ESCAPE;
    }
    return byte == 0x1b || before != RG_TOP_NO_ESCAPE;
}

// What a program writes over a line, as progress, is shown as it is last.
static void show_byte(struct rg_top_output *o, char byte) {
    if (o->line_count == 0 || (o->is_line_over && byte != '\r')) {
        begin_line(o);
    }
    char *line = o->lines[(o->line_count - 1) % RG_TOP_OUTPUT_LINES];
    o->is_line_over = byte == '\n';
    if (byte == '\r' || byte == '\n') {
        o->is_returned = byte == '\r';
        return;
    }
    o->last_len = o->is_returned ? 0 : o->last_len;
    o->is_returned = false;
    if (o->last_len + 1 < RG_TOP_OUTPUT_LINE) {
        line[o->last_len++] = byte;
        line[o->last_len] = 0;
    }
}

static void show(struct rg_top_output *o, const char *text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (!is_escaped(o, (unsigned char)text[i])) {
            show_byte(o, text[i] ? text[i] : '?');
        }
    }
}

static int write_all(int fd, const char *text, size_t len) {
    while (len > 0) {
        const ssize_t written = write(fd, text, len);
        if (written < 0 && errno == EAGAIN) {
            struct pollfd wait = {.fd = fd, .events = POLLOUT};
            poll(&wait, 1, -1);
        } else if (written < 0 && errno != EINTR) {
            return -errno;
        }
        text += written > 0 ? written : 0;
        len -= written > 0 ? (size_t)written : 0;
    }
    return 0;
}

static void keep(struct rg_top_output *o, int fd, const char *text, size_t len) {
    const struct piece piece = {.fd = fd, .len = len};
    if (o->is_passing) {
        o->error = o->error ? o->error : -write_all(fd, text, len);
    } else if (fwrite(&piece, sizeof piece, 1, o->kept) != 1 ||
               fwrite(text, 1, len, o->kept) != len) {
        o->error = o->error ? o->error : errno;
    }
}

void rg_top_output_take(struct rg_top_output *o) {
    static char text[1 << 16];
    for (int i = 0; i < 2; i++) {
        ssize_t len = 0;
        // One that writes without end must not keep the view from everything else.
        for (int reads = 0; o->pipes[i] >= 0 && reads < 16; reads++) {
            len = read(o->pipes[i], text, sizeof text);
            if (len <= 0) {
                break;
            }
            show(o, text, (size_t)len);
            keep(o, i + 1, text, (size_t)len);
        }
        if (o->pipes[i] >= 0 && len == 0) {
            close(o->pipes[i]);
            o->pipes[i] = -1;
        }
    }
}

int rg_top_output_pass(struct rg_top_output *o) {
    if (!o->is_passing) {
        o->is_passing = true;
        if (fflush(o->kept) != 0) {
            return -errno;
        }
        rewind(o->kept);
    }
    struct piece piece;
    if (fread(&piece, sizeof piece, 1, o->kept) != 1) {
        return 0;
    }
    char *text = rg_need(piece.len);
    const size_t len = fread(text, 1, piece.len, o->kept);
    const int error = write_all(piece.fd, text, len);
    free(text);
    return error ? error : 1;
}

void rg_top_output_close(struct rg_top_output *o) {
    for (int i = 0; i < 2; i++) {
        if (o->pipes[i] >= 0) {
            close(o->pipes[i]);
        }
    }
    if (o->kept) {
        fclose(o->kept);
    }
}

const char *rg_top_output_line(const struct rg_top_output *o, size_t back) {
    if (back >= o->line_count || back >= RG_TOP_OUTPUT_LINES) {
        return NULL;
    }
    return o->lines[(o->line_count - 1 - back) % RG_TOP_OUTPUT_LINES];
}
