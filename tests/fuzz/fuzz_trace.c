// SPDX-License-Identifier: MIT
// Any bytes as a trace file, in which a zero byte stands in front of two more, the number of zero bytes that there are: so
// the space between records takes none here. It is refused in one line, or read: each byte is part of one event at most,
// a second reading gives the same, and what the stacks hold adds up to what the program does.
#include "trace_model.h"
#include "trace_timeline.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILE_MOST = 1 << 24, ROWS = 7 };

struct count {
    uint64_t events, hash;
};

static void require(bool holds) {
    if (!holds) {
        abort();
    }
}

// Writes the file, with holes. Returns its size.
static size_t expand(int fd, const uint8_t *data, size_t size) {
    size_t at = 0, i = 0;
    while (i < size && at < FILE_MOST) {
        if (data[i] == 0) {
            at += i + 2 < size ? data[i + 1] | (size_t)data[i + 2] << 8 : 1;
            i += 3;
            continue;
        }
        const uint8_t *zero = memchr(data + i, 0, size - i);
        const size_t len = zero ? (size_t)(zero - data) - i : size - i;
        require(pwrite(fd, data + i, len, (off_t)at) == (ssize_t)len);
        at += len;
        i += len;
    }
    require(ftruncate(fd, (off_t)at) == 0);
    return at;
}

static void check_block(const struct rg_trace_block *b) {
    require(b->address == 0 || (b->number > 0 && b->size < (uint64_t)1 << 47));
}

static void take_event(void *arg, const struct rg_trace_event *e, uint32_t thread,
                       const struct rg_trace_block *before, const struct rg_trace_block *after) {
    struct count *c = arg;
    if (rg_trace_is_lost_free(e)) {
        require(before->address == e->old && after->address == 0);
        return;
    }
    require(e->kind > 0 && e->kind < RG_TRACE_EVENT_KINDS && (unsigned)e->how < RG_TRACE_HOWS);
    require(e->stack <= RG_TRACE_STACK_HIGHEST);
    check_block(before);
    check_block(after);
    c->events++;
    c->hash = (c->hash ^ e->ticks ^ e->address << 20 ^ e->size ^ thread) * 0x9e3779b97f4a7c15U;
}

static void count_live(void *arg, const struct rg_trace_block *b) {
    struct rg_trace_figures *f = arg;
    f->live_blocks++;
    f->live_bytes += b->size;
}

static void check_model(const struct rg_trace_model *m) {
    const struct rg_trace_figures *all = rg_trace_model_totals(m);
    struct rg_trace_figures live = {0}, sum = {0};
    rg_trace_model_each_live(m, count_live, &live);
    for (uint32_t id = 0; id <= rg_trace_model_last_stack(m); id++) {
        const struct rg_trace_figures *f = rg_trace_model_of(m, id);
        sum.allocations += f->allocations;
        sum.live_bytes += f->live_bytes;
        sum.at_peak_bytes += f->at_peak_bytes;
        sum.at_peak_blocks += f->at_peak_blocks;
    }
    require(live.live_blocks == all->live_blocks && live.live_bytes == all->live_bytes);
    require(sum.allocations == all->allocations && sum.live_bytes == all->live_bytes);
    require(sum.at_peak_bytes == all->peak_bytes && sum.at_peak_blocks == all->at_peak_blocks);
}

static void check_timeline(const struct rg_trace_timeline *t, const struct rg_trace_reader *r,
                           const struct rg_trace_figures *all) {
    struct rg_trace_moment rows[ROWS];
    rg_trace_timeline_rows(t, rg_trace_reader_info(r)->duration_ns, ROWS, rows);
    uint64_t allocations = 0, most = 0;
    for (size_t i = 0; i < ROWS; i++) {
        allocations += rows[i].allocations;
        most = rows[i].most_bytes > most ? rows[i].most_bytes : most;
    }
    require(allocations == all->allocations && most == all->peak_bytes);
    require(rows[ROWS - 1].live_bytes == all->live_bytes);
}

static void check_texts(const struct rg_trace_reader *r) {
    const struct rg_trace_info *info = rg_trace_reader_info(r);
    require(info->program && info->command && !strchr(info->command, '\n'));
    for (size_t i = 0; i < info->note_count; i++) {
        require(info->notes[i] != NULL);
    }
    for (uint32_t id = 0; id <= rg_trace_reader_last_stack(r); id++) {
        const struct rg_trace_stack s = rg_trace_reader_stack(r, id);
        for (size_t i = 0; i < s.count; i++) {
            const struct rg_trace_module *m = rg_trace_reader_module(r, s.frames[i].module);
            require(!m || (m->path && m->build_id));
        }
    }
    require(rg_trace_reader_thread_name(r, 0) != NULL);
}

static void read_trace(struct rg_trace_reader *r, size_t bytes) {
    struct count first = {0}, second = {0};
    struct rg_trace_timeline t;
    struct rg_trace_model *m = rg_trace_model_open();
    rg_trace_model_read(m, r, take_event, &first, false);
    require(first.events <= bytes);
    check_model(m);
    const uint64_t damaged = rg_trace_reader_info(r)->damaged_chunks;
    check_texts(r);
    // The same again, now for the timeline.
    struct rg_trace_model *again = rg_trace_model_open();
    rg_trace_timeline_begin(&t, r, again);
    rg_trace_model_read(again, r, rg_trace_timeline_event, &t, false);
    check_timeline(&t, r, rg_trace_model_totals(again));
    require(!memcmp(rg_trace_model_totals(m), rg_trace_model_totals(again),
                    sizeof(struct rg_trace_figures)));
    rg_trace_timeline_done(&t);
    rg_trace_model_close(again);
    // Nothing has been added.
    struct rg_trace_event e;
    uint32_t thread;
    rg_trace_reader_follow(r, UINT64_MAX);
    require(!rg_trace_reader_next(r, &e, &thread));
    require(rg_trace_reader_info(r)->damaged_chunks == damaged);
    rg_trace_model_close(m);
    m = rg_trace_model_open();
    rg_trace_model_read(m, r, take_event, &second, false);
    require(first.events == second.events && first.hash == second.hash);
    rg_trace_model_close(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[64], message[RG_TRACE_MESSAGE];
    const int fd = memfd_create("trace", MFD_CLOEXEC);
    require(fd >= 0);
    const size_t bytes = expand(fd, data, size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct rg_trace_reader *r = rg_trace_reader_open(path, message);
    if (r) {
        read_trace(r, bytes);
        rg_trace_reader_close(r);
    } else {
        require(*message && !strchr(message, '\n'));
    }
    close(fd);
    return 0;
}
