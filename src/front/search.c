// SPDX-License-Identifier: MIT
// See search.h. What is mapped tells /proc/self/maps, and what of that has memory /proc/self/pagemap; live blocks are gone
// through by their records. Memory that the program has made inaccessible for now is read through /proc/self/mem. State:
// buffers, under the FAULT lock.
#include "front/search.h"

#include "base/compiler.h"
#include "base/own_memory.h"
#include "base/sys.h"
#include "base/vmem.h"
#include "front/peek.h"
#include "heap/heap.h"

#include <dlfcn.h>
#include <emmintrin.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>

enum {
    TEXT_CAP = 20 << 10, // a name has 4,095 bytes, and each may be printed as four
    WINDOW = 512,
    BEFORE = 256, // bytes: an array counted from 1 is known by where its element 0 would be
    CONTROL_MOST = 2 * RG_PAGE_SIZE, // from a thread's control block to the end of its stack
};

// Of an entry of pagemap.
#define PRESENT   (1UL << 63)
#define SWAPPED   (1UL << 62)
#define OF_A_FILE (1UL << 61) // or of memory that is shared

static char text[TEXT_CAP + 1];
// A page, and before it the last bytes of the page below: a word may lie across both.
enum { ACROSS = sizeof(uintptr_t) - 1 };
static char page_copy[ACROSS + RG_PAGE_SIZE];

// Entries of pagemap from a page on.
static struct {
    long fd;
    uintptr_t first;
    size_t count;
    size_t most; // at a time
    uint64_t entry[WINDOW];
} pages;

// /proc/self/mem; 0: not opened yet.
static long mem_fd;

// What else takes of the budget, by the time that it takes: a look at an entry, a line of maps, a record.
static const size_t BYTES_A_PAGE_ENTRY = 64, BYTES_A_MAPPING = 1024, BYTES_A_BLOCK = 64;

struct range {
    uintptr_t from, to;
};

// A mapping; what it is leads to which of its pages count.
struct mapping {
    struct range at;
    bool is_shared, is_readable;
    bool is_main_stack;   // of the main thread
    bool is_behind_guard; // inaccessible memory ends where it begins
    uintptr_t ended;      // up to here it is the stack of a thread that has ended; 0: it is none
};

struct work {
    struct rg_search *search;
    struct range image;        // of the guard
    uintptr_t inaccessible_to; // where the mapping before ends, if that is inaccessible
    uintptr_t copied_to;       // where what was copied last ended
    bool is_in_hole;           // the page before has no memory
    bool is_complete;
};

void rg_search_word(struct rg_search *s, uintptr_t word, uintptr_t at) {
    size_t low = 0, high = s->count;
    if (s->visitor) {
        s->visitor->look(s->visitor->arg, (const char *)&word, at, sizeof word);
        return;
    }
    // Some programs keep a tag in the upper bits.
    word &= RG_POINTER_MASK;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (s->sought[middle].address <= word) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low < s->count && s->sought[low].address - word <= BEFORE) {
        s->sought[low].found = true;
    }
    if (low == 0) {
        return;
    }
    struct rg_sought *b = &s->sought[low - 1];
    bool is_left = at < s->given_up && at >= s->stack && at < b->low;
    if (word - b->address <= b->size && at - b->address >= b->size && !is_left) {
        b->found = true;
        if (b->word_count < RG_SOUGHT_WORDS) {
            b->word[b->word_count] = at;
        }
        b->word_count++;
    }
}

static void look_at_word(struct rg_search *s, const char *memory, uintptr_t at, uintptr_t least,
                         uintptr_t reach) {
    uintptr_t word;
    memcpy(&word, memory, sizeof word);
    if (rg_unlikely((word & RG_POINTER_MASK) - least <= reach)) {
        rg_search_word(s, word, at);
    }
}

// Words at any address, 16 at a time: most of them are not in the 4 GiB that all blocks are in, as two of their bytes tell.
// Returns how many bytes were looked at.
static size_t look_quickly(struct rg_search *s, const char *memory, uintptr_t at, size_t bytes,
                           uintptr_t least, uintptr_t reach) {
    enum { LOW = 4, HIGH = 5, STEP = 16 };
    const __m128i low = _mm_set1_epi8((char)(least >> (8 * LOW)));
    const __m128i high = _mm_set1_epi8((char)(least >> (8 * HIGH)));
    const __m128i high_mask = _mm_set1_epi8((char)(RG_POINTER_MASK >> (8 * HIGH)));
    size_t i = 0;
    if (least >> 32 != (least + reach) >> 32) {
        return 0;
    }
    for (; i + STEP + sizeof(uintptr_t) <= bytes; i += STEP) {
        __m128i lows = _mm_loadu_si128((const __m128i *)(const void *)(memory + i + LOW));
        __m128i highs = _mm_loadu_si128((const __m128i *)(const void *)(memory + i + HIGH));
        highs = _mm_and_si128(highs, high_mask);
        __m128i both = _mm_and_si128(_mm_cmpeq_epi8(lows, low), _mm_cmpeq_epi8(highs, high));
        unsigned which = (unsigned)_mm_movemask_epi8(both);
        for (; rg_unlikely(which != 0); which &= which - 1) {
            size_t k = i + (size_t)__builtin_ctz(which);
            look_at_word(s, memory + k, at + k, least, reach);
        }
    }
    return i;
}

// bytes at `memory` that the program has at `at`.
static void look(struct work *w, const char *memory, uintptr_t at, size_t bytes) {
    struct rg_search *s = w->search;
    if (s->visitor) {
        s->visitor->look(s->visitor->arg, memory, at, bytes);
        return;
    }
    const struct rg_sought *last = &s->sought[s->count - 1];
    const uintptr_t least = s->sought[0].address - BEFORE;
    const uintptr_t reach = last->address + last->size - least;
    size_t i = s->step == 1 ? look_quickly(s, memory, at, bytes, least, reach) : 0;
    for (; i + sizeof(uintptr_t) <= bytes; i += s->step) {
        look_at_word(s, memory + i, at + i, least, reach);
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
        long n = rg_sys4(SYS_pread64, pages.fd, (long)pages.entry,
                         (long)(pages.most * sizeof pages.entry[0]),
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

static long open_file(const char *name) {
    long fd = rg_sys3(SYS_open, (long)name, O_RDONLY | O_CLOEXEC, 0);
    return fd < 0 ? fd : rg_move_up((int)fd);
}

// False: it is not there any more.
static bool copy_page(struct work *w, const struct mapping *m, uintptr_t at, size_t bytes) {
    if (m->is_readable && rg_peek(page_copy + ACROSS, (const void *)at, bytes)) {
        return true;
    }
    // It has memory, so the program has only closed it for now.
    if (mem_fd == 0) {
        mem_fd = open_file("/proc/self/mem");
    }
    long n = rg_sys4(SYS_pread64, mem_fd, (long)(page_copy + ACROSS), (long)bytes, (long)at);
    w->is_complete = w->is_complete && n == (long)bytes;
    return n == (long)bytes;
}

// The kernel's request that goes past memory that is not there, in Linux 6.7 and later.
struct scan {
    uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
    uint64_t inverted, all, any, wanted; // kinds of pages
};
struct scanned {
    uint64_t start, end, kinds;
};
#define SCAN_REQUEST _IOWR('f', 16, struct scan)
enum { SCAN_PRESENT = 1 << 3, SCAN_SWAPPED = 1 << 4 };

// Where from `at` on the first memory is; `to`: nowhere before that. `at` where the kernel does not know.
static uintptr_t next_memory(uintptr_t at, uintptr_t to) {
    struct scanned found = {0};
    struct scan scan = {.size = sizeof scan,
                        .start = at,
                        .end = to,
                        .vec = (uintptr_t)&found,
                        .vec_len = 1,
                        .max_pages = 1,
                        .any = SCAN_PRESENT | SCAN_SWAPPED,
                        .wanted = SCAN_PRESENT | SCAN_SWAPPED};
    long n = rg_sys3(SYS_ioctl, pages.fd, SCAN_REQUEST, (long)&scan);
    return n == 0 ? to : n == 1 && found.start > at ? found.start : at;
}

static void look_at_pages(struct work *w, struct range r, const struct mapping *m) {
    for (uintptr_t at = r.from; at < r.to && w->is_complete;) {
        uintptr_t end = (at | (RG_PAGE_SIZE - 1)) + 1;
        end = end < r.to ? end : r.to;
        if (!spend(w, BYTES_A_PAGE_ENTRY)) {
            return;
        }
        if (!has_memory(w, at, m->is_shared)) {
            w->is_in_hole = true;
        } else if (spend(w, end - at) && copy_page(w, m, at, end - at)) {
            w->is_in_hole = false;
            // At 8 bytes from one word to the next none lies across.
            size_t before = at == w->copied_to && w->search->step == 1 ? ACROSS : 0;
            look(w, page_copy + ACROSS - before, at - before, before + (end - at));
            memmove(page_copy, page_copy + (end - at), ACROSS);
            w->copied_to = end - at >= ACROSS ? end : 0;
        }
        at = end;
    }
}

static bool is_left_out_wholly(const struct rg_search *s, const struct mapping *m) {
    return (s->left_out >= m->at.from && s->left_out < m->at.to) ||
           (s->left_out_too >= m->at.from && s->left_out_too < m->at.to);
}

static void look_at_block(uintptr_t block, uintptr_t memory, size_t size, void *arg) {
    struct work *w = arg;
    const struct mapping pages_of_block = {.at = {block, block + size}, .is_readable = true};
    if (is_left_out_wholly(w->search, &pages_of_block)) {
        return;
    }
    if (memory == block) {
        // They may come in any order.
        size_t count = size / RG_PAGE_SIZE + 2;
        pages.most = w->search->visitor && count < WINDOW ? count : WINDOW;
        look_at_pages(w, pages_of_block.at, &pages_of_block);
    } else if (w->is_complete && spend(w, size + BYTES_A_BLOCK)) {
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

// The control block of a thread begins with its own address, and is at the end of a stack that the C library has made,
// below which there is inaccessible memory. In a stack that comes from the program nobody knows where it begins, and what
// is below may be variables.
static bool is_stack_of(uintptr_t control, const struct mapping *m) {
    uintptr_t self = 0;
    return m->is_behind_guard && control >= m->at.from && control < m->at.to &&
           m->at.to - control < CONTROL_MOST &&
           rg_peek(&self, (const void *)control, sizeof self) && self == control;
}

// Where the stack of a thread that has ended ends, and what was local to it, which the C library keeps for the next one: at
// its control block, which is in use. 0: it is none.
static uintptr_t find_ended(const struct rg_search *s, const struct mapping *m) {
    enum { ALIGNED = 64, SELF = 2 }; // the address of the block is its first word, and its third
    uintptr_t first = m->at.to - CONTROL_MOST > m->at.from ? m->at.to - CONTROL_MOST : m->at.from;
    for (uintptr_t at = first; at < m->at.to && m->is_behind_guard; at += ALIGNED) {
        uintptr_t words[SELF + 1];
        if (rg_peek(words, (const void *)at, sizeof words) && words[0] == at && words[SELF] == at) {
            return at == s->control ? 0 : at;
        }
    }
    return 0;
}

// What of the stack that the calling thread is on does not count.
static struct range unused_stack(const struct rg_search *s, const struct mapping *m) {
    bool is_here = s->stack >= m->at.from && s->stack < m->at.to;
    bool is_own =
        is_here && (m->is_main_stack || (s->stack < s->control && is_stack_of(s->control, m)));
    uintptr_t frames = s->frames > m->at.from ? s->frames : m->at.from;
    return is_own    ? (struct range){m->at.from, s->stack}
           : is_here ? (struct range){frames, s->stack}
                     : (struct range){0, 0};
}

static bool is_left_out(const struct work *w, const struct mapping *m, uintptr_t at,
                        uintptr_t *end) {
    const struct rg_search *s = w->search;
    uintptr_t granule_end = (at | (RG_GRANULE_SIZE - 1)) + 1, own_end, known_end;
    const uintptr_t mapping_end = *end;
    *end = granule_end < *end ? granule_end : *end;
    if (rg_view_find(at)) {
        return true;
    }
    if ((m->is_shared && rg_vmem_is_root(at, &known_end)) ||
        (!m->is_readable && rg_vmem_is_reserved(at, &known_end))) {
        *end = known_end < mapping_end ? known_end : mapping_end;
        return true;
    }
    if (cuts(w->image, at, end) || cuts(unused_stack(s, m), at, end) ||
        cuts((struct range){m->at.from, m->ended}, at, end)) {
        return true;
    }
    if (s->visitor && cuts((struct range){s->visitor->own_from, s->visitor->own_to}, at, end)) {
        return true;
    }
    for (size_t i = 0; i < s->dead_count; i++) {
        const struct rg_dead_stack *d = &s->dead[i];
        if (is_stack_of(d->control, m) && cuts((struct range){d->from, d->control}, at, end)) {
            return true;
        }
    }
    uintptr_t own = rg_own_memory_next(at, *end, &own_end);
    *end = own > at ? own : own_end;
    return own == at;
}

static void look_at_mapping(struct work *w, const struct mapping *m) {
    enum { WORTH_ASKING = 1 << 20 };
    w->is_in_hole = true;
    for (uintptr_t at = m->at.from; at < m->at.to && w->is_complete;) {
        uintptr_t end = m->at.to;
        if (is_left_out(w, m, at, &end)) {
            at = end;
            continue;
        }
        uintptr_t from =
            w->is_in_hole && m->at.to - at >= WORTH_ASKING ? next_memory(at, m->at.to) : at;
        if (from < end) {
            look_at_pages(w, (struct range){from, end}, m);
        }
        at = from < end ? end : from;
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

static bool is_device(const char *name) {
    return begins(name, "/dev/") && !begins(name, "/dev/zero") && !begins(name, "/dev/shm/") &&
           !begins(name, "/dev/hugepages/");
}

// Memory, shared or not, or a file; not devices, whose memory is not to be touched.
static bool is_memory(const char *name) {
    return !*name || (*name == '/' && !is_device(name) && !begins(name, "/dmabuf:")) ||
           begins(name, "[anon");
}

// FROM-TO PERMISSIONS OFFSET DEVICE INODE NAME
static void look_at_line(struct work *w, const char *line) {
    struct mapping m = {0};
    const char *s = read_hex(line, &m.at.from);
    s = read_hex(*s ? s + 1 : s, &m.at.to);
    if (strlen(s) < 6 || !spend(w, BYTES_A_MAPPING)) {
        return;
    }
    const char *permissions = s + 1, *name = s + 1;
    for (int fields = 0; fields < 4; fields++) {
        name += strcspn(name, " ");
        name += strspn(name, " ");
    }
    m.is_shared = permissions[3] == 's';
    m.is_readable = permissions[0] == 'r';
    m.is_main_stack = begins(name, "[stack]");
    m.is_behind_guard = m.at.from == w->inaccessible_to;
    w->inaccessible_to = begins(permissions, "---") ? m.at.to : 0;
    m.ended = w->search->visitor && w->search->visitor->is_alone ? find_ended(w->search, &m) : 0;
    bool counts = m.is_shared ? is_memory(name) : !begins(name, "[v") && !is_device(name);
    if (counts && !is_left_out_wholly(w->search, &m)) {
        look_at_mapping(w, &m);
    }
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
    // What is left is a line without an end.
    w->is_complete = w->is_complete && fd >= 0 && n == 0 && len == 0;
    if (fd >= 0) {
        rg_sys2(SYS_close, fd, 0);
    }
}

static bool begin(struct work *w, struct rg_search *s) {
    struct dl_find_object own;
    *w = (struct work){.search = s, .is_complete = rg_own_memory_is_known() && rg_may_open()};
    if (!w->is_complete || (s->count == 0 && !s->visitor) ||
        _dl_find_object((void *)(uintptr_t)&rg_search_memory, &own) != 0) {
        return false;
    }
    w->image = (struct range){(uintptr_t)own.dlfo_map_start, (uintptr_t)own.dlfo_map_end};
    pages.fd = open_file("/proc/self/pagemap");
    pages.count = 0;
    pages.most = WINDOW;
    mem_fd = 0;
    return pages.fd >= 0;
}

static void look_at_blocks(struct work *w) {
    const struct rg_search_visitor *visitor = w->search->visitor;
    if (w->is_complete && visitor) {
        visitor->each_block(visitor->arg, look_at_block, w);
    } else if (w->is_complete) {
        rg_heap_each_live(look_at_block, w);
    }
}

static bool finish(const struct work *w) {
    rg_sys2(SYS_close, pages.fd, 0);
    if (mem_fd > 0) {
        rg_sys2(SYS_close, mem_fd, 0);
    }
    return w->is_complete;
}

bool rg_search_memory(struct rg_search *s) {
    struct work w;
    if (!begin(&w, s)) {
        return false;
    }
    look_at_mappings(&w);
    look_at_blocks(&w);
    return finish(&w);
}

bool rg_search_blocks(struct rg_search *s) {
    struct work w;
    if (!begin(&w, s)) {
        return false;
    }
    look_at_blocks(&w);
    return finish(&w);
}
