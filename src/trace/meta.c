// SPDX-License-Identifier: MIT
// See meta.h. State: the chunk that is being filled and the record that is being made, under the TRACE lock.
#include "trace/meta.h"

#include "base/options.h"
#include "base/sys.h"
#include "trace/chunk.h"
#include "trace/clock.h"
#include "trace/event.h"

#include <string.h>

enum {
    HEAD_MOST = 1 + RG_TRACE_VARINT_MOST,
    NOTE_MOST = 512,          // kept free at the end of each chunk
    CLOCK_EACH_NS = 10000000, // how often a pair of clocks goes with other records
};

static struct rg_trace_piece piece;
static unsigned char *at;
static uint64_t last_clock_ns;

static unsigned char draft[RG_TRACE_RECORD_MOST];
static size_t draft_len;

void rg_trace_record_begin(void) {
    draft_len = 0;
}

void rg_trace_record_number(uint64_t n) {
    if (sizeof draft - draft_len >= RG_TRACE_VARINT_MOST) {
        draft_len = (size_t)(rg_trace_put_varint(draft + draft_len, n) - draft);
    }
}

void rg_trace_record_bytes(const void *data, size_t len) {
    rg_trace_record_number(len);
    if (sizeof draft - draft_len >= len) {
        memcpy(draft + draft_len, data, len);
        draft_len += len;
    }
}

static size_t room(void) {
    return piece.base ? (size_t)(piece.base + piece.bytes - at) : 0;
}

static void store(enum rg_trace_record type) {
    unsigned char *first = at;
    at = rg_trace_put_varint(first + 1, draft_len);
    memcpy(at, draft, draft_len);
    at += draft_len;
    rg_trace_publish(first, (unsigned char)type);
}

static bool have_room(size_t bytes, struct rg_trace_trouble *ret) {
    if (room() >= bytes) {
        return true;
    }
    struct rg_trace_chunk head = {.kind = RG_TRACE_META, .start = rg_trace_now()};
    unsigned char *begin = rg_trace_chunk_next(&piece, head, ret);
    if (begin) {
        at = begin;
    }
    return begin != NULL;
}

bool rg_trace_record_write(enum rg_trace_record type, struct rg_trace_trouble *ret) {
    if (!have_room(HEAD_MOST + draft_len + NOTE_MOST, ret)) {
        return false;
    }
    store(type);
    // In a sandbox nothing is asked that need not be.
    if (type == RG_TRACE_CLOCK || !rg_may_open() ||
        rg_trace_ns(CLOCK_MONOTONIC) < last_clock_ns + CLOCK_EACH_NS) {
        return true;
    }
    return rg_trace_meta_clock(RG_TRACE_CLOCK, ret);
}

bool rg_trace_meta_clock(enum rg_trace_record type, struct rg_trace_trouble *ret) {
    const struct rg_trace_clock now = rg_trace_now();
    last_clock_ns = now.ns;
    rg_trace_record_begin();
    rg_trace_record_number(now.ticks);
    rg_trace_record_number(now.ns);
    return rg_trace_record_write(type, ret);
}

void rg_trace_meta_note(const char *sentence) {
    const size_t len = strlen(sentence);
    rg_trace_record_begin();
    rg_trace_record_bytes(sentence, len < NOTE_MOST / 2 ? len : NOTE_MOST / 2);
    if (room() >= HEAD_MOST + draft_len) {
        store(RG_TRACE_NOTE);
    }
}

// What can be read of a file in /proc, up to `cap`.
static size_t read_command(char *to, size_t cap) {
    const long n = rg_read_file("/proc/self/cmdline", to, cap);
    return n > 0 ? (size_t)n : 0;
}

static size_t read_path(char *to, size_t cap) {
    const long n = rg_sys3(SYS_readlink, (long)"/proc/self/exe", (long)to, (long)cap);
    return n > 0 ? (size_t)n : 0;
}

static const void *make_header(uint32_t parent_pid) {
    static struct {
        struct rg_trace_header head;
        char texts[RG_TRACE_PAGE - sizeof(struct rg_trace_header)];
    } page;
    _Static_assert(sizeof page == RG_TRACE_PAGE, "the header is a page");
    memset(&page, 0, sizeof page);
    page.head = (struct rg_trace_header){
        .magic = RG_TRACE_MAGIC,
        .version = RG_TRACE_VERSION,
        .pid = (uint32_t)rg_getpid(),
        .parent_pid = parent_pid,
        .frames_most = (uint32_t)rg_options.malloc_context_size,
        .start = rg_trace_now(),
        .realtime_ns = rg_trace_ns(CLOCK_REALTIME),
    };
    page.head.path_bytes = (uint32_t)read_path(page.texts, sizeof page.texts / 2);
    page.head.command_bytes = (uint32_t)read_command(page.texts + page.head.path_bytes,
                                                     sizeof page.texts - page.head.path_bytes);
    return &page;
}

bool rg_trace_meta_open(uint32_t parent_pid, struct rg_trace_trouble *ret) {
    return rg_trace_file_create(ret) && rg_trace_file_write_header(make_header(parent_pid), ret) &&
           rg_trace_meta_clock(RG_TRACE_CLOCK, ret);
}

bool rg_trace_meta_is_open(void) {
    return piece.base != NULL;
}

void rg_trace_meta_after_fork(void) {
    piece = (struct rg_trace_piece){0};
    at = NULL;
    last_clock_ns = 0;
}
