// SPDX-License-Identifier: MIT
// What was done to the block, see convert_html.h: a part of the card for each stack of the finding.
#include "convert_html.h"

#include "base/compiler.h"
#include "convert_html_stack.h"
#include "html_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool is_text(const struct rg_value *v, const char *path, const char *wanted) {
    const char *text = rg_value_text(v, path);
    return text && !strcmp(text, wanted);
}

static void put(FILE *out, const char *text) {
    rg_html_put(out, text ? text : "?");
}

static void put_code(FILE *out, const char *text) {
    fputs("<code>", out);
    put(out, text);
    fputs("</code>", out);
}

static void put_thread(FILE *out, const struct rg_value *event) {
    uint64_t thread;
    if (rg_value_number(event, "thread", &thread)) {
        fprintf(out, ", by thread %" PRIu64, thread);
    }
}

static void put_who(FILE *out, const struct rg_value *v) {
    const char *name = rg_value_text(v, "thread.name");
    uint64_t tid;
    fprintf(out, ", by thread %" PRIu64, rg_value_number_or_0(v, "thread.number"));
    if (rg_value_number(v, "thread.tid", &tid)) {
        fprintf(out, " (tid %" PRIu64, tid);
        if (name) {
            fputs(", <q>", out);
            put(out, name);
            fputs("</q>", out);
        }
        fputs(")", out);
    }
}

// event: which has a stack, NULL where there is none. What follows is a sentence, without its full stop.
static void open_step(struct rg_html *page, const char *class, const char *title,
                      const struct rg_value *event) {
    fprintf(page->out, "<section class=\"step %s\"><h4>%s</h4>\n", class, title);
    if (event) {
        rg_html_put_where(page, event);
    }
    fputs("<p>", page->out);
}

static void close_step(struct rg_html *page, const struct rg_value *event) {
    fputs(".</p>\n", page->out);
    if (event) {
        rg_html_put_frames(page, event);
    }
    fputs("</section>\n", page->out);
}

static void put_position(FILE *out, const struct rg_value *v) {
    const struct rg_value *offset = rg_value_at(v, "offset");
    uint64_t size = rg_value_number_or_0(v, "block.size");
    bool is_before = offset && *offset->text == '-';
    uint64_t n = offset ? strtoull(offset->text + is_before, NULL, 10) : 0;
    fputs(", ", out);
    if (is_before) {
        rg_html_put_bytes(out, n);
        fputs(" before", out);
    } else if (n > size) {
        rg_html_put_bytes(out, n - size);
        fputs(" past the end of", out);
    } else if (n == size && n > 0) {
        fputs("at the end of", out);
    } else {
        fprintf(out, "at offset %" PRIu64 " of", n);
    }
    fputs(is_text(v, "trouble", "stale") ? " the old block of " : " the block of ", out);
    rg_html_put_bytes(out, size);
}

static void put_lost(struct rg_html *page, const struct rg_value *v) {
    FILE *out = page->out;
    open_step(page, "access", "The realloc that failed", v);
    fputs("Of ", out);
    put_code(out, rg_value_text(v, "address"));
    fputs(", from ", out);
    rg_html_put_bytes(out, rg_value_number_or_0(v, "block.size"));
    fputs(" to ", out);
    rg_html_put_bytes(out, rg_value_number_or_0(v, "requested_size"));
    put_who(out, v);
    fputs(". It returned NULL and left the block as it was; its result overwrote the only pointer, "
          "or no other one was kept",
          out);
    close_step(page, v);
}

static void put_overrun(struct rg_html *page, const struct rg_value *v) {
    FILE *out = page->out;
    uint64_t first = rg_value_number_or_0(v, "damage.offset");
    uint64_t count = rg_value_number_or_0(v, "damage.count");
    uint64_t size = rg_value_number_or_0(v, "block.size");
    bool is_call = !is_text(v, "operation", "fork") && !is_text(v, "operation", "exit");
    open_step(page, "access", "Noticed", is_call ? v : NULL);
    fputs(is_call ? "By " : "At ", out);
    put(out, rg_value_text(v, "operation"));
    fputs(is_call ? " of " : " of the process, behind ", out);
    put_code(out, rg_value_text(v, "block.address"));
    fprintf(out, ": byte %" PRIu64 " was found changed, which is ", size + first);
    if (first == 0) {
        fputs("the first one", out);
    } else {
        rg_html_put_bytes(out, first);
    }
    fputs(" past the end of the block of ", out);
    rg_html_put_bytes(out, size);
    if (count > 1) {
        fprintf(out, ", and %" PRIu64 " more", count - 1);
    }
    put_who(out, v);
    close_step(page, is_call ? v : NULL);
}

static void put_leak(struct rg_html *page, const struct rg_value *v) {
    FILE *out = page->out;
    uint64_t direct = rg_value_number_or_0(v, "leak.direct_blocks");
    uint64_t indirect = rg_value_number_or_0(v, "leak.indirect_blocks");
    open_step(page, "access", "Allocated, and leaked", v);
    fputs("Nothing points to ", out);
    rg_html_put_bytes(out, rg_value_number_or_0(v, "leak.direct_bytes"));
    fputs(" in ", out);
    rg_html_put_count(out, direct, "block", "blocks");
    fputs(" any more, and only leaked blocks point to ", out);
    rg_html_put_bytes(out, rg_value_number_or_0(v, "leak.indirect_bytes"));
    fputs(" in ", out);
    rg_html_put_count(out, indirect, "block", "blocks");
    fputs(". The largest one: ", out);
    rg_html_put_bytes(out, rg_value_number_or_0(v, "block.size"));
    fputs(" at ", out);
    put_code(out, rg_value_text(v, "address"));
    put_thread(out, rg_value_at(v, "leak"));
    close_step(page, v);
}

static const char *title_of_access(const struct rg_value *v) {
    static const struct {
        const char *operation, *title;
    } rows[] = {
        {"read", "The read"},       {"write", "The write"},
        {"execution", "The jump"},  {"free", "The free"},
        {"realloc", "The realloc"}, {"malloc_usable_size", "The call of malloc_usable_size"},
        {"delete", "The delete"},   {"delete[]", "The delete[]"},
    };
    for (size_t i = 0; i < RG_ARRAY_LEN(rows); i++) {
        if (is_text(v, "operation", rows[i].operation)) {
            return rows[i].title;
        }
    }
    return "The access";
}

static void put_access(struct rg_html *page, const struct rg_value *v) {
    FILE *out = page->out;
    bool is_memory = is_text(v, "operation", "read") || is_text(v, "operation", "write") ||
                     is_text(v, "operation", "execution");
    uint64_t size;
    open_step(page, "access", title_of_access(v), v);
    if (rg_value_number(v, "access_size", &size)) {
        fputs("Of ", out);
        rg_html_put_bytes(out, size);
        fputs(" at ", out);
    } else {
        fputs(is_memory ? "At " : "Of ", out);
    }
    put_code(out, rg_value_text(v, "address"));
    if (rg_value_at(v, "system_call")) {
        fputs(" by the system, for ", out);
        put_code(out, rg_value_text(v, "system_call.function"));
        fputs(" (argument ", out);
        put_code(out, rg_value_text(v, "system_call.argument"));
        fputs(")", out);
    }
    if (rg_value_at(v, "block")) {
        put_position(out, v);
    }
    put_who(out, v);
    close_step(page, v);
}

static void put_failed(struct rg_html *page, const struct rg_value *failed) {
    FILE *out = page->out;
    open_step(page, "moved", "The realloc that returned NULL", failed);
    fputs("To ", out);
    rg_html_put_bytes(out, rg_value_number_or_0(failed, "size"));
    fputs(", the last one of the thread", out);
    close_step(page, failed);
}

static void put_moved(struct rg_html *page, const struct rg_value *block,
                      const struct rg_value *moved) {
    FILE *out = page->out;
    uint64_t size;
    open_step(page, "moved", "Moved by realloc", moved);
    fputs("From ", out);
    rg_html_put_bytes(out, rg_value_number_or_0(block, "size"));
    if (rg_value_number(moved, "to_size", &size)) {
        fputs(" to ", out);
        rg_html_put_bytes(out, size);
    }
    fputs(", to ", out);
    put_code(out, rg_value_text(moved, "to_address"));
    put_thread(out, moved);
    close_step(page, moved);
}

static void put_freed(struct rg_html *page, const struct rg_value *freed) {
    FILE *out = page->out;
    open_step(page, "moved", "Freed", freed);
    fputs(is_text(freed, "by", "realloc") ? "By realloc(pointer, 0)" : "By free or delete", out);
    put_thread(out, freed);
    close_step(page, freed);
}

static void put_shrunk(struct rg_html *page, const struct rg_value *block,
                       const struct rg_value *shrunk) {
    FILE *out = page->out;
    open_step(page, "moved", "Made smaller by realloc", shrunk);
    fputs("From ", out);
    rg_html_put_bytes(out, rg_value_number_or_0(shrunk, "from_size"));
    fputs(" to ", out);
    rg_html_put_bytes(out, rg_value_number_or_0(block, "size"));
    close_step(page, shrunk);
}

static void put_end(struct rg_html *page, const struct rg_value *block) {
    const struct rg_value *busy = rg_value_at(block, "in_realloc");
    const struct rg_value *moved = rg_value_at(block, "moved");
    const struct rg_value *freed = rg_value_at(block, "freed");
    const struct rg_value *shrunk = rg_value_at(block, "shrunk");
    if (busy) {
        open_step(page, "moved", "In realloc at the same time", busy);
        fprintf(page->out, "Thread %" PRIu64, rg_value_number_or_0(busy, "thread"));
        close_step(page, busy);
    }
    if (moved) {
        put_moved(page, block, moved);
    }
    if (freed) {
        put_freed(page, freed);
    }
    if (shrunk) {
        put_shrunk(page, block, shrunk);
    }
}

static void put_allocated(struct rg_html *page, const struct rg_value *block) {
    FILE *out = page->out;
    uint64_t moves = rg_value_number_or_0(block, "moves_before");
    const struct rg_value *allocated = rg_value_at(block, "allocated");
    open_step(page, "allocated", "Allocated", allocated);
    if (allocated) {
        rg_html_put_bytes(out, rg_value_number_or_0(allocated, "size"));
        put_thread(out, allocated);
    } else if (is_text(block, "allocated_unknown", "gone")) {
        fputs("Not known any more: of a block that is long gone only who freed it is kept", out);
    } else {
        fprintf(out,
                "Dropped: who allocated them is kept of the last %" PRIu64
                " blocks that realloc moved; the option history=N keeps those of the last N",
                rg_value_number_or_0(block, "history"));
    }
    if (moves > 0) {
        fputs(". Since then moved ", out);
        rg_html_put_count(out, moves, "time", "times");
        fputs(" before it was where the pointer leads", out);
    }
    close_step(page, allocated);
}

static void put_today(struct rg_html *page, const struct rg_value *now) {
    FILE *out = page->out;
    uint64_t moves = rg_value_number_or_0(now, "moves");
    bool is_live = is_text(now, "state", "live");
    const struct rg_value *with_stack = rg_value_at(now, "stack") ? now : NULL;
    open_step(page, "today", "The block today", with_stack);
    if (moves > 0) {
        fputs("Moved ", out);
        rg_html_put_count(out, moves, "more time", "more times");
        fputs(". ", out);
    }
    if (is_live) {
        fputs("Live at ", out);
        put_code(out, rg_value_text(now, "address"));
        fputs(", with ", out);
        rg_html_put_bytes(out, rg_value_number_or_0(now, "size"));
    } else {
        fputs("Gone: freed", out);
        fputs(is_text(now, "state", "released") ? " by realloc(pointer, 0)" : "", out);
        put_thread(out, now);
    }
    close_step(page, with_stack);
}

void rg_html_put_steps(struct rg_html *page, const struct rg_value *v) {
    const struct rg_value *failed = rg_value_at(v, "failed_realloc");
    const struct rg_value *block = rg_value_at(v, "block");
    const struct rg_value *now = rg_value_at(v, "today");
    if (is_text(v, "trouble", "lost")) {
        put_lost(page, v);
    } else if (is_text(v, "trouble", "overrun")) {
        put_overrun(page, v);
    } else if (is_text(v, "trouble", "leak")) {
        put_leak(page, v);
    } else {
        put_access(page, v);
    }
    if (failed) {
        put_failed(page, failed);
    }
    if (block) {
        put_end(page, block);
        // Who has allocated a leaked block is told by then, unless realloc has moved it.
        if (!is_text(v, "trouble", "leak") || rg_value_number_or_0(block, "moves_before") > 0) {
            put_allocated(page, block);
        }
    }
    if (now) {
        put_today(page, now);
    }
}
