// SPDX-License-Identifier: MIT
// See search.h. What is mapped tells /proc/self/maps, and what of that has memory /proc/self/pagemap; live blocks are gone
// through by their records. State: buffers, under the FAULT lock.
#include "front/search.h"

#include "base/compiler.h"
#include "base/own_memory.h"
#include "base/sys.h"
#include "base/vmem.h"
#include "front/peek.h"
#include "heap/heap.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <string.h>

enum { TEXT_CAP = 16 << 10, WINDOW = 512 };

// Of an entry of pagemap.
#define PRESENT   (1UL << 63)
#define SWAPPED   (1UL << 62)
#define OF_A_FILE (1UL << 61) // or of memory that is shared

static char text[TEXT_CAP + 1];
static char page_copy[RG_PAGE_SIZE];

// Entries of pagemap from a page on.
static struct {
    long fd;
    uintptr_t first;
    size_t count;
    uint64_t entry[WINDOW];
} pages;

static const size_t BYTES_A_PAGE_ENTRY = 64; // what a look at an entry takes of the budget

struct range {
    uintptr_t from, to;
};

// A mapping; what it is leads to which of its pages count.
struct mapping {
    struct range at;
    bool is_shared;
};

struct work {
    struct rg_search *search;
    struct range image; // of the guard
    bool is_complete;
};

void rg_search_word(struct rg_search *s, uintptr_t word, uintptr_t at) {
    size_t low = 0, high = s->count;
    // Some programs keep a tag in the upper bits.
    word &= RG_ADDRESS_MASK;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (s->sought[middle].address <= word) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == 0) {
        return;
    }
    struct rg_sought *b = &s->sought[low - 1];
    bool is_left = at < s->given_up && at >= s->stack && at < b->low;
    if (word - b->address <= b->size && at - b->address >= b->size && !is_left) {
        b->found = true;
    }
}

// bytes at `memory` that the program has at `at`.
static void look(struct work *w, const char *memory, uintptr_t at, size_t bytes) {
    struct rg_search *s = w->search;
    const struct rg_sought *last = &s->sought[s->count - 1];
    const uintptr_t least = s->sought[0].address, reach = last->address + last->size - least;
    for (size_t i = 0; i + sizeof(uintptr_t) <= bytes; i += s->step) {
        uintptr_t word;
        memcpy(&word, memory + i, sizeof word);
        if (rg_unlikely((word & RG_ADDRESS_MASK) - least <= reach)) {
            rg_search_word(s, word, at + i);
        }
    }
}

static bool spend(struct work *w, size_t bytes) {
    if (w->search->budget < bytes) {
        w->search->budget = 0;
        w->is_complete = false;
        return false;
    }
    w->search->budget -= bytes;
    return true;
}

static bool has_memory(struct work *w, uintptr_t at, bool is_shared) {
    uintptr_t page = at / RG_PAGE_SIZE;
    if (page - pages.first >= pages.count) {
        long n = rg_sys4(SYS_pread64, pages.fd, (long)pages.entry, sizeof pages.entry,
                         (long)(page * sizeof pages.entry[0]));
        pages.first = page;
        pages.count = n > 0 ? (size_t)n / sizeof pages.entry[0] : 0;
        if (pages.count == 0) {
            w->is_complete = false;
            return false;
        }
    }
    uint64_t entry = pages.entry[page - pages.first];
    return (entry & SWAPPED) || ((entry & PRESENT) && (is_shared || !(entry & OF_A_FILE)));
}

static void look_at_pages(struct work *w, struct range r, bool is_shared) {
    for (uintptr_t at = r.from; at < r.to && w->is_complete;) {
        uintptr_t end = (at | (RG_PAGE_SIZE - 1)) + 1;
        end = end < r.to ? end : r.to;
        if (!spend(w, BYTES_A_PAGE_ENTRY)) {
            return;
        }
        if (has_memory(w, at, is_shared) && spend(w, end - at) &&
            rg_peek(page_copy, (const void *)at, end - at)) {
            look(w, page_copy, at, end - at);
        }
        at = end;
    }
}

static void look_at_block(uintptr_t block, uintptr_t memory, size_t size, void *arg) {
    struct work *w = arg;
    if (memory == block) {
        look_at_pages(w, (struct range){block, block + size}, false);
    } else if (w->is_complete && spend(w, size)) {
        look(w, (const char *)memory, block, size);
    }
}

// Whether `at` is in the range. *end, which is behind it, comes to where that changes.
static bool cuts(struct range r, uintptr_t at, uintptr_t *end) {
    if (at >= r.from && at < r.to) {
        *end = r.to < *end ? r.to : *end;
        return true;
    }
    *end = r.from > at && r.from < *end ? r.from : *end;
    return false;
}

// The control block of a thread begins with its own address. Its stack is in one mapping with it.
static bool is_dead_stack(const struct rg_dead_stack *d, const struct mapping *m) {
    uintptr_t self = 0;
    return d->control >= m->at.from && d->control < m->at.to &&
           rg_peek(&self, (const void *)d->control, sizeof self) && self == d->control;
}

static bool is_left_out(const struct work *w, const struct mapping *m, uintptr_t at,
                        uintptr_t *end) {
    const struct rg_search *s = w->search;
    uintptr_t granule_end = (at | (RG_GRANULE_SIZE - 1)) + 1, own_end, root_end;
    *end = granule_end < *end ? granule_end : *end;
    if (rg_view_find(at)) {
        return true;
    }
    if (m->is_shared && rg_vmem_is_root(at, &root_end)) {
        *end = root_end < *end ? root_end : *end;
        return true;
    }
    bool has_stack = s->stack >= m->at.from && s->stack < m->at.to;
    if (cuts(w->image, at, end) ||
        (has_stack && cuts((struct range){m->at.from, s->stack}, at, end))) {
        return true;
    }
    for (size_t i = 0; i < s->dead_count; i++) {
        const struct rg_dead_stack *d = &s->dead[i];
        if (is_dead_stack(d, m) && cuts((struct range){d->from, d->control}, at, end)) {
            return true;
        }
    }
    uintptr_t own = rg_own_memory_next(at, *end, &own_end);
    *end = own > at ? own : own_end;
    return own == at;
}

static void look_at_mapping(struct work *w, const struct mapping *m) {
    for (uintptr_t at = m->at.from; at < m->at.to && w->is_complete;) {
        uintptr_t end = m->at.to;
        if (!is_left_out(w, m, at, &end)) {
            look_at_pages(w, (struct range){at, end}, m->is_shared);
        }
        at = end;
    }
}

static const char *read_hex(const char *s, uintptr_t *ret) {
    static const char digits[] = "0123456789abcdef";
    *ret = 0;
    for (const char *d; *s && (d = strchr(digits, *s)) != NULL; s++) {
        *ret = *ret * 16 + (uintptr_t)(d - digits);
    }
    return s;
}

static bool begins(const char *s, const char *prefix) {
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

// Memory that is shared with other processes, or between mappings; not files and devices.
static bool is_shared_memory(const char *name) {
    return !*name || begins(name, "/dev/zero") || begins(name, "/memfd:") ||
           begins(name, "/SYSV") || begins(name, "/dev/shm/") || begins(name, "[anon");
}

// FROM-TO PERMISSIONS OFFSET DEVICE INODE NAME
static void look_at_line(struct work *w, const char *line) {
    struct mapping m;
    const char *s = read_hex(line, &m.at.from);
    s = read_hex(*s ? s + 1 : s, &m.at.to);
    if (strlen(s) < 6) {
        return;
    }
    const char *permissions = s + 1, *name = s + 1;
    for (int fields = 0; fields < 4; fields++) {
        name += strcspn(name, " ");
        name += strspn(name, " ");
    }
    m.is_shared = permissions[3] == 's';
    bool is_readable = permissions[0] == 'r' && !begins(name, "[v");
    if (is_readable && (!m.is_shared || (permissions[1] == 'w' && is_shared_memory(name)))) {
        look_at_mapping(w, &m);
    }
}

static long open_file(const char *name) {
    long fd = rg_sys3(SYS_open, (long)name, O_RDONLY | O_CLOEXEC, 0);
    return fd < 0 ? fd : rg_move_up((int)fd);
}

static void look_at_mappings(struct work *w) {
    long fd = open_file("/proc/self/maps"), n = -1;
    size_t len = 0;
    while (fd >= 0 && w->is_complete &&
           (n = rg_sys3(SYS_read, fd, (long)(text + len), (long)(TEXT_CAP - len))) > 0) {
        len += (size_t)n;
        text[len] = 0;
        char *line = text;
        for (char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
            *end = 0;
            look_at_line(w, line);
        }
        len -= (size_t)(line - text);
        memmove(text, line, len);
    }
    w->is_complete = w->is_complete && fd >= 0 && n == 0;
    if (fd >= 0) {
        rg_sys2(SYS_close, fd, 0);
    }
}

bool rg_search_memory(struct rg_search *s) {
    struct dl_find_object own;
    struct work w = {.search = s, .is_complete = rg_own_memory_is_known() && rg_may_open()};
    if (!w.is_complete || s->count == 0 ||
        _dl_find_object((void *)(uintptr_t)&rg_search_memory, &own) != 0) {
        return false;
    }
    w.image = (struct range){(uintptr_t)own.dlfo_map_start, (uintptr_t)own.dlfo_map_end};
    pages.fd = open_file("/proc/self/pagemap");
    pages.count = 0;
    if (pages.fd < 0) {
        return false;
    }
    look_at_mappings(&w);
    if (w.is_complete) {
        rg_heap_each_live(look_at_block, &w);
    }
    rg_sys2(SYS_close, pages.fd, 0);
    return w.is_complete;
}
