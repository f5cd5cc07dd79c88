// SPDX-License-Identifier: MIT
// See trace_chunks.h.
#include "trace_chunks.h"

#include "need.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// How far chunks are looked for behind space that is not used.
enum { UNUSED_MOST = 4 * RG_TRACE_CHUNK_MOST };

size_t rg_trace_chunks_read(const struct rg_trace_chunks *c, uint64_t offset, void *to,
                            size_t count) {
    size_t done = 0;
    while (done < count && offset + done <= INT64_MAX) {
        ssize_t n = pread(c->fd, (char *)to + done, count - done, (off_t)(offset + done));
        if (n == 0 || (n < 0 && errno != EINTR)) {
            break;
        }
        done += n > 0 ? (size_t)n : 0;
    }
    return done;
}

void rg_trace_chunks_damaged(struct rg_trace_chunks *c, uint32_t index) {
    c->damaged += !c->places[index].is_damaged;
    c->places[index].is_damaged = true;
}

static bool is_chunk(const struct rg_trace_chunk *h) {
    return h->magic == RG_TRACE_CHUNK_MAGIC &&
           (h->kind == RG_TRACE_META || h->kind == RG_TRACE_EVENTS) &&
           h->bytes >= RG_TRACE_CHUNK_LEAST && h->bytes <= RG_TRACE_CHUNK_MOST &&
           h->bytes % RG_TRACE_PAGE == 0;
}

static void add(struct rg_trace_chunks *c, uint64_t offset, const struct rg_trace_chunk *h) {
    if (c->count >= UINT32_MAX) {
        return;
    }
    c->places = rg_need_room(c->places, c->count, sizeof *c->places);
    c->places[c->count] = (struct rg_trace_place){.offset = offset,
                                                  .bytes = h->bytes,
                                                  .kind = h->kind,
                                                  .thread = h->thread,
                                                  .tid = h->tid,
                                                  .start = h->start};
    // An item must not be NULL.
    *rg_number_map_get(&c->by_offset, offset) = (void *)(uintptr_t)++c->count;
}

static void tell_damage(struct rg_trace_chunks *c, uint64_t offset) {
    if (!c->is_in_damage && offset >= c->damage_told) {
        c->damaged++;
    }
    c->is_in_damage = true;
    if (offset >= c->damage_told) {
        c->damage_told = offset + RG_TRACE_PAGE;
    }
}

// The first page that may not be all zero, from this one on.
static uint64_t behind_hole(const struct rg_trace_chunks *c, uint64_t offset) {
    off_t data = lseek(c->fd, (off_t)offset, SEEK_DATA);
    if (data < 0) {
        return errno == ENXIO ? c->file_bytes : offset; // ENXIO: there is none
    }
    uint64_t page = (uint64_t)data & ~(uint64_t)(RG_TRACE_PAGE - 1);
    return page > offset ? page : offset;
}

void rg_trace_chunks_scan(struct rg_trace_chunks *c) {
    struct stat st;
    c->file_bytes = fstat(c->fd, &st) == 0 && st.st_size > 0 ? (uint64_t)st.st_size : 0;
    uint64_t unused_from = UINT64_MAX, unused_until = UINT64_MAX;
    uint64_t offset = c->unknown_from;
    c->is_in_damage = false;
    while (offset < c->file_bytes && offset < unused_until) {
        uintptr_t known = (uintptr_t)rg_number_map_find(&c->by_offset, offset);
        struct rg_trace_chunk h = {0};
        if (known) {
            h.bytes = c->places[known - 1].bytes;
        } else {
            bool is_whole = rg_trace_chunks_read(c, offset, &h, sizeof h) == sizeof h;
            if (is_whole && is_chunk(&h)) {
                add(c, offset, &h);
                known = c->count;
            }
        }
        if (known) {
            unused_until = UINT64_MAX;
            c->is_in_damage = false;
            offset += h.bytes;
        } else if (h.magic == 0) {
            unused_from = offset < unused_from ? offset : unused_from;
            unused_until = unused_until == UINT64_MAX ? offset + UNUSED_MOST : unused_until;
            c->is_in_damage = false;
            offset = behind_hole(c, offset + RG_TRACE_PAGE);
        } else {
            tell_damage(c, offset);
            offset += RG_TRACE_PAGE;
        }
    }
    c->unknown_from = unused_from < offset ? unused_from : offset;
}

void rg_trace_chunks_done(struct rg_trace_chunks *c) {
    free(c->places);
    free(c->by_offset.places);
    close(c->fd);
}
