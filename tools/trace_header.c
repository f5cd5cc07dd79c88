// SPDX-License-Identifier: MIT
// See trace_header.h.
#include "trace_header.h"

#include "need.h"
#include "shell_word.h"
#include "text_out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Why it cannot be read, for people. NULL: it can.
static const char *what_is_wrong(const unsigned char *page, size_t bytes) {
    const struct rg_trace_header *h = (const struct rg_trace_header *)page;
    if (bytes == 0) {
        return "is empty; a trace is written from the start of a program on with trace=PATH";
    }
    if (bytes < sizeof *h ? memcmp(page, RG_TRACE_MAGIC, bytes < 8 ? bytes : 8) != 0
                          : memcmp(h->magic, RG_TRACE_MAGIC, sizeof h->magic) != 0) {
        return "is no trace; name a file that the option trace=PATH has written";
    }
    if (bytes < RG_TRACE_PAGE) {
        return "is cut off in its first page, so that nothing is left of it; copy it again";
    }
    if (h->version != RG_TRACE_VERSION) {
        return "is a trace of another version; use the realloc-guard beside the library that "
               "wrote it";
    }
    const uint64_t texts = (uint64_t)h->path_bytes + h->command_bytes;
    if (texts > RG_TRACE_PAGE - sizeof *h) {
        return "is damaged in its first page; copy it again, or record it anew";
    }
    return NULL;
}

// The arguments, each ended by a zero byte but perhaps the last.
static char *command_line(const char *words, size_t bytes) {
    char *line;
    size_t len;
    FILE *out = rg_need_stream(&line, &len);
    for (size_t at = 0; at < bytes;) {
        char *word = rg_need_part(words + at, bytes - at);
        char *quoted = rg_shell_word(word);
        fputs(at ? " " : "", out);
        rg_put_printable(out, quoted);
        at += strlen(word) + 1;
        free(quoted);
        free(word);
    }
    fclose(out);
    return line;
}

static void take(const unsigned char *page, struct rg_trace_header_text *ret) {
    const struct rg_trace_header *h = (const struct rg_trace_header *)page;
    const char *texts = (const char *)page + sizeof *h;
    *ret = (struct rg_trace_header_text){.pid = h->pid,
                                         .parent_pid = h->parent_pid,
                                         .frames_most = h->frames_most,
                                         .realtime_ns = h->realtime_ns,
                                         .start = h->start,
                                         .program = rg_need_part(texts, h->path_bytes),
                                         .command =
                                             command_line(texts + h->path_bytes, h->command_bytes)};
}

// Of as many bytes as there are.
static size_t read_page(int fd, unsigned char *page) {
    size_t done = 0;
    ssize_t n;
    while (done < RG_TRACE_PAGE &&
           ((n = pread(fd, page + done, RG_TRACE_PAGE - done, (off_t)done)) > 0 ||
            (n < 0 && errno == EINTR))) {
        done += n > 0 ? (size_t)n : 0;
    }
    return done;
}

int rg_trace_header_open(const char *path, struct rg_trace_header_text *ret,
                         char ret_message[RG_TRACE_MESSAGE]) {
    union {
        struct rg_trace_header aligned;
        unsigned char bytes[RG_TRACE_PAGE];
    } page = {0};
    struct stat st;
    // A named pipe would be waited for.
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    const char *wrong;
    if (fd < 0) {
        snprintf(ret_message, RG_TRACE_MESSAGE, "%s cannot be opened (%s); name a trace", path,
                 strerror(errno));
        return -1;
    }
    const bool is_known = fstat(fd, &st) == 0;
    if (is_known && S_ISDIR(st.st_mode)) {
        wrong = "is a folder; name one trace in it (trace summary takes all of a folder)";
    } else if (!is_known || !S_ISREG(st.st_mode)) {
        wrong = "is no regular file; a trace is read again and again, so write it into one first";
    } else {
        wrong = what_is_wrong(page.bytes, read_page(fd, page.bytes));
    }
    if (wrong) {
        snprintf(ret_message, RG_TRACE_MESSAGE, "%s %s", path, wrong);
        close(fd);
        return -1;
    }
    take(page.bytes, ret);
    return fd;
}

void rg_trace_header_done(struct rg_trace_header_text *h) {
    free(h->program);
    free(h->command);
}
