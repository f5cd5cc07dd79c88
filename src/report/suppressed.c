// SPDX-License-Identifier: MIT
// See suppressed.h. State: the suppressions, set once, with their counts; the findings that were suppressed; the names
// below, of the stack at hand.
#include "report/suppressed.h"

#include "base/options.h"
#include "base/suppression_file.h"
#include "report/note.h"
#include "stack/symbol_file.h"

#include <string.h>

enum { KNOWN_MAX = 4096, SYMBOLS_CAP = 1024, LINE_CAP = 6000 };

static struct rg_suppressions *files; // NULL: there are none

// Open addressing by key; a place's number is its index + 1.
static struct known {
    uint64_t key; // 0: free place
    struct rg_suppression *by;
} known[KNOWN_MAX];
static unsigned known_count;
static size_t misuses;

static struct rg_suppression_frame names[RG_FRAMES_MAX];
static char symbols[RG_FRAMES_MAX][SYMBOLS_CAP];

static void complain(void *arg, const char *line) {
    (void)arg;
    rg_say(2, "realloc_guard: %s; left out", line);
}

void rg_suppressed_init(void) {
    if (rg_options.suppressions[0]) {
        files = rg_suppressions_read(rg_options.suppressions, complain, NULL);
    }
}

bool rg_suppressed_is_on(void) {
    return files != NULL;
}

static void count_one_more(struct rg_suppression *by) {
    atomic_fetch_add(&by->occurrences, 1);
}

// Its own place, or the free one where it belongs; NULL: the table is full.
static struct known *find_place(uint64_t key) {
    for (unsigned i = 0; i < KNOWN_MAX; i++) {
        struct known *k = &known[(key + i) % KNOWN_MAX];
        if (k->key == 0 || k->key == key) {
            return k;
        }
    }
    return NULL;
}

unsigned rg_suppressed_find(uint64_t key) {
    struct known *k = known_count > 0 ? find_place(key) : NULL;
    if (!k || k->key == 0) {
        return 0;
    }
    count_one_more(k->by);
    return (unsigned)(k - known) + 1;
}

void rg_suppressed_again(unsigned number) {
    count_one_more(known[number - 1].by);
}

// As the report names them.
static size_t name_frames(const struct rg_frames *r) {
    for (size_t i = 0; i < r->count; i++) {
        const struct rg_frame *f = &r->frame[i];
        names[i] = (struct rg_suppression_frame){f->function, f->file, f->path, NULL};
    }
    return r->count;
}

static bool add_symbol(const char *name, void *arg) {
    struct rg_buf *b = arg;
    // Two more for a zero byte of its own and the buffer's.
    if (b->len + 2 < b->cap && *name) {
        rg_buf_put(b, name, strnlen(name, b->cap - b->len - 2));
        rg_buf_put(b, "", 1);
    }
    return false;
}

// As the symbol tables name them: names that the linker knows, and functions without debug information. Of functions that
// were inlined there are none.
static void add_symbols(const struct rg_frames *r) {
    static struct rg_module m;
    for (size_t i = 0; i < r->count; i++) {
        const struct rg_frame *f = &r->frame[i];
        struct rg_buf b;
        if (f->inlined || !f->path[0]) {
            continue;
        }
        rg_buf_init(&b, symbols[i], SYMBOLS_CAP);
        _Static_assert(sizeof m.path == sizeof f->path, "one holds the other");
        memcpy(m.path, f->path, sizeof m.path);
        m.bias = f->pc - f->offset;
        rg_symbol_any(f->pc, &m, add_symbol, &b);
        names[i].symbols = symbols[i];
    }
}

static struct rg_suppression *find_matching(const char *kind, size_t count) {
    for (struct rg_suppressions *file = files; file; file = file->next) {
        for (size_t i = 0; i < file->count; i++) {
            if (rg_suppression_matches(&file->items[i], kind, names, count)) {
                return &file->items[i];
            }
        }
    }
    return NULL;
}

// The stack that a finding is known by: who finds an overrun has not done it.
static const struct rg_frames *stack_of(const struct rg_story *s) {
    return s->finding->trouble == RG_TROUBLE_OVERRUN ? &s->born : &s->access;
}

static struct rg_suppression *decide(const struct rg_story *s) {
    const struct rg_frames *stack = stack_of(s);
    const char *kind = rg_finding_kind_id(s->finding);
    size_t count = name_frames(stack);
    struct rg_suppression *by = find_matching(kind, count);
    if (!by) {
        // Files are looked through for these.
        add_symbols(stack);
        by = find_matching(kind, count);
    }
    return by;
}

bool rg_suppressed_check(const struct rg_story *s, uint64_t key, unsigned *ret_number) {
    struct rg_suppression *by = files ? decide(s) : NULL;
    if (!by) {
        return false;
    }
    struct known *k = find_place(key);
    if (k) {
        *k = (struct known){key, by};
        known_count++;
    }
    by->misuses++;
    misuses++;
    count_one_more(by);
    *ret_number = k ? (unsigned)(k - known) + 1 : 0;
    return true;
}

// Calls fn for each suppression that was used.
static void each_used(void (*fn)(const char *file, struct rg_suppression *s, void *arg),
                      void *arg) {
    for (struct rg_suppressions *file = misuses > 0 ? files : NULL; file; file = file->next) {
        for (size_t i = 0; i < file->count; i++) {
            if (file->items[i].misuses > 0) {
                fn(file->file, &file->items[i], arg);
            }
        }
    }
}

static void add_counts(const char *file, struct rg_suppression *s, void *arg) {
    struct rg_suppressed_counts *counts = arg;
    (void)file;
    counts->misuses += s->misuses;
    counts->occurrences += atomic_load(&s->occurrences);
}

struct rg_suppressed_counts rg_suppressed_count(void) {
    struct rg_suppressed_counts counts = {0};
    each_used(add_counts, &counts);
    return counts;
}

static void tell(const char *file, struct rg_suppression *s, void *arg) {
    static char line[LINE_CAP];
    struct rg_buf b;
    size_t occurrences = atomic_load(&s->occurrences);
    (void)arg;
    rg_buf_init(&b, line, sizeof line);
    rg_buf_fmt(&b, "suppressed %zu misuse%s (%zu occurrence%s) by %s:%u: %s", s->misuses,
               s->misuses == 1 ? "" : "s", occurrences, occurrences == 1 ? "" : "s", file, s->line,
               s->text);
    rg_note_write(&(struct rg_note){.topic = "suppression",
                                    .text = line,
                                    .suppression = s->text,
                                    .suppression_file = file,
                                    .suppression_line = s->line,
                                    .misuses = s->misuses,
                                    .occurrences = occurrences});
}

void rg_suppressed_tell(void) {
    each_used(tell, NULL);
}

static void reset(const char *file, struct rg_suppression *s, void *arg) {
    (void)file;
    (void)arg;
    s->misuses = 0;
    atomic_store(&s->occurrences, 0);
}

void rg_suppressed_after_fork(void) {
    each_used(reset, NULL);
    if (known_count > 0) {
        memset(known, 0, sizeof known);
        known_count = 0;
    }
    misuses = 0;
}
