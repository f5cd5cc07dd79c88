// SPDX-License-Identifier: MIT
// A finding in the words of the text report, made of its line: what src/report/text.c, past_end.c and life.c say. What
// a line lacks is left out.
#include "convert.h"

#include "convert_fingerprint.h"
#include "text_out.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void put(FILE *out, const char *text) {
    rg_put_printable(out, text ? text : "?");
}

static bool is_text(const struct rg_value *v, const char *path, const char *wanted) {
    const char *text = rg_value_text(v, path);
    return text && !strcmp(text, wanted);
}

static void put_bytes(FILE *out, uint64_t n) {
    fprintf(out, "%" PRIu64 " byte%s", n, rg_plural(n));
}

// Whether a frame before this one has told the build-id already.
static bool is_told(const struct rg_value *first, const struct rg_value *frame,
                    const char *build_id) {
    for (const struct rg_value *f = first; f != frame; f = f->next) {
        if (!rg_value_text(f, "function") && is_text(f, "build_id", build_id)) {
            return true;
        }
    }
    return false;
}

static void put_module(FILE *out, const struct rg_value *first, const struct rg_value *f) {
    const char *module = rg_value_text(f, "module");
    const char *build_id = rg_value_text(f, "build_id");
    fputs("  (", out);
    put(out, module ? rg_base_name(module) : "?");
    fputs("+", out);
    put(out, rg_value_text(f, "offset"));
    fputs(")", out);
    if (!rg_value_text(f, "function") && build_id && !is_told(first, f, build_id)) {
        fputs(" build-id ", out);
        put(out, build_id);
    }
}

static void put_frame(FILE *out, const struct rg_value *first, const struct rg_value *f, int number,
                      bool is_marked) {
    const char *function = rg_value_text(f, "function");
    const char *file = rg_value_text(f, "file");
    fprintf(out, "    %s #%d ", is_marked ? "=>" : "  ", number);
    put(out, function ? function : "??");
    if (file && rg_frame_is_own(f)) {
        fputs("  ", out);
        put(out, file);
        fprintf(out, ":%" PRIu64, rg_value_number_or_0(f, "line"));
    } else {
        put_module(out, first, f);
    }
    fputs(rg_value_flag(f, "inlined") ? "  [inlined]\n" : "\n", out);
}

static void put_stack(FILE *out, const struct rg_value *event) {
    const struct rg_value *stack = rg_value_at(event, "stack");
    const struct rg_value *own = rg_stack_own_frame(stack);
    int number = 0;
    if (!own) {
        fputs("       (no stack was recorded)\n", out);
        return;
    }
    for (const struct rg_value *f = stack->first; f; f = f->next) {
        put_frame(out, stack->first, f, number++, f == own && rg_frame_is_own(f));
    }
}

static void put_by_thread(FILE *out, const struct rg_value *event, const char *before) {
    uint64_t thread;
    if (rg_value_number(event, "thread", &thread)) {
        fprintf(out, "%sby thread %" PRIu64, before, thread);
    }
}

static void put_who(FILE *out, const struct rg_value *v) {
    const char *name = rg_value_text(v, "thread.name");
    fprintf(out, ", by thread %" PRIu64 " (tid %" PRIu64 ", \"",
            rg_value_number_or_0(v, "thread.number"), rg_value_number_or_0(v, "thread.tid"));
    put(out, name ? name : "");
    fputs("\")\n", out);
}

static void put_position(FILE *out, const struct rg_value *v) {
    const struct rg_value *offset = rg_value_at(v, "offset");
    uint64_t size = rg_value_number_or_0(v, "block.size");
    bool is_before = offset && *offset->text == '-';
    uint64_t n = offset ? strtoull(offset->text + is_before, NULL, 10) : 0;
    if (is_before) {
        put_bytes(out, n);
        fputs(" before", out);
    } else if (n >= size && n > 0) {
        put_bytes(out, n - size);
        fputs(" past the end of", out);
    } else {
        fprintf(out, "at offset %" PRIu64 " of", n);
    }
    fprintf(out, " the %sblock of ", is_text(v, "trouble", "stale") ? "old " : "");
    put_bytes(out, size);
}

static void put_lost(FILE *out, const struct rg_value *v) {
    fputs("  lost by this realloc of ", out);
    put(out, rg_value_text(v, "address"));
    fprintf(out, " from %" PRIu64 " to ", rg_value_number_or_0(v, "block.size"));
    put_bytes(out, rg_value_number_or_0(v, "requested_size"));
    fprintf(out,
            ", which returned NULL and left the block as it was, by thread %" PRIu64
            ": its result overwrote the only pointer, or no other one was kept\n",
            rg_value_number_or_0(v, "thread.number"));
    put_stack(out, v);
}

static void put_leak(FILE *out, const struct rg_value *v) {
    uint64_t direct = rg_value_number_or_0(v, "leak.direct_blocks");
    uint64_t indirect = rg_value_number_or_0(v, "leak.indirect_blocks");
    fprintf(out, "  leaked%s at the end of the process, ", direct > 0 ? "" : " indirectly");
    if (direct + indirect > 1) {
        fprintf(out, "the largest of these blocks%s: ",
                direct > 0 && indirect > 0 ? " that nothing points to" : "");
    }
    put_bytes(out, rg_value_number_or_0(v, "block.size"));
    fputs(" at ", out);
    put(out, rg_value_text(v, "address"));
    put_by_thread(out, rg_value_at(v, "leak"), ", ");
    fputs("\n", out);
    put_stack(out, v);
}

static void put_overrun(FILE *out, const struct rg_value *v) {
    uint64_t first = rg_value_number_or_0(v, "damage.offset");
    uint64_t count = rg_value_number_or_0(v, "damage.count");
    uint64_t size = rg_value_number_or_0(v, "block.size");
    bool is_call = !is_text(v, "operation", "fork") && !is_text(v, "operation", "exit");
    fputs(is_call ? "  " : "  at ", out);
    put(out, rg_value_text(v, "operation"));
    fputs(is_call ? " of " : " of the process, behind ", out);
    put(out, rg_value_text(v, "block.address"));
    fprintf(out, ", byte %" PRIu64 " was found changed, ", size + first);
    if (first == 0) {
        fputs("the first", out);
    } else {
        fprintf(out, "%" PRIu64, first);
    }
    fputs(" past the end of the block of ", out);
    put_bytes(out, size);
    if (count > 1) {
        fprintf(out, ", and %" PRIu64 " more", count - 1);
    }
    put_who(out, v);
    if (is_call) {
        put_stack(out, v);
    }
}

static void put_access(FILE *out, const struct rg_value *v) {
    bool is_memory = is_text(v, "operation", "read") || is_text(v, "operation", "write") ||
                     is_text(v, "operation", "execution");
    uint64_t size;
    fputs("  ", out);
    put(out, rg_value_text(v, "operation"));
    if (rg_value_number(v, "access_size", &size)) {
        fputs(" of ", out);
        put_bytes(out, size);
    }
    fputs(is_memory ? " at " : " of ", out);
    put(out, rg_value_text(v, "address"));
    if (rg_value_at(v, "system_call")) {
        fputs(" by the system, for ", out);
        put(out, rg_value_text(v, "system_call.function"));
        fputs(" (argument ", out);
        put(out, rg_value_text(v, "system_call.argument"));
        fputs(")", out);
    }
    if (rg_value_at(v, "block")) {
        fputs(", ", out);
        put_position(out, v);
    }
    put_who(out, v);
    put_stack(out, v);
}

static void put_moved(FILE *out, const struct rg_value *block, const struct rg_value *moved) {
    uint64_t size;
    fprintf(out, "  moved by realloc from %" PRIu64, rg_value_number_or_0(block, "size"));
    if (rg_value_number(moved, "to_size", &size)) {
        fprintf(out, " to %" PRIu64, size);
    }
    fputs(" bytes, to ", out);
    put(out, rg_value_text(moved, "to_address"));
    put_by_thread(out, moved, ", ");
    fputs("\n", out);
    put_stack(out, moved);
}

static void put_end(FILE *out, const struct rg_value *block) {
    const struct rg_value *busy = rg_value_at(block, "in_realloc");
    const struct rg_value *moved = rg_value_at(block, "moved");
    const struct rg_value *freed = rg_value_at(block, "freed");
    if (busy) {
        fputs("  in realloc", out);
        put_by_thread(out, busy, ", ");
        fputs("\n", out);
        put_stack(out, busy);
    }
    if (moved) {
        put_moved(out, block, moved);
    }
    if (freed) {
        bool is_by_realloc = is_text(freed, "by", "realloc");
        fputs(is_by_realloc ? "  freed by realloc(pointer, 0)" : "  freed", out);
        put_by_thread(out, freed, is_by_realloc ? ", " : " ");
        fputs("\n", out);
        put_stack(out, freed);
    }
}

static void put_today(FILE *out, const struct rg_value *now) {
    uint64_t moves = rg_value_number_or_0(now, "moves");
    fputs("  today the block", out);
    if (moves > 0) {
        fprintf(out, ", moved %" PRIu64 " more time%s,", moves, rg_plural(moves));
    }
    if (is_text(now, "state", "live")) {
        fputs(" is live at ", out);
        put(out, rg_value_text(now, "address"));
        fputs(" (", out);
        put_bytes(out, rg_value_number_or_0(now, "size"));
        fputs(")\n", out);
        return;
    }
    fputs(" is gone: freed", out);
    fputs(is_text(now, "state", "released") ? " by realloc(pointer, 0)" : "", out);
    put_by_thread(out, now, " ");
    fputs("\n", out);
    if (rg_value_at(now, "stack")) {
        put_stack(out, now);
    }
}

static void put_allocated(FILE *out, const struct rg_value *block) {
    uint64_t moves = rg_value_number_or_0(block, "moves_before");
    const struct rg_value *allocated = rg_value_at(block, "allocated");
    if (is_text(block, "allocated_unknown", "gone")) {
        fputs("  who allocated it is not known any more: of a block that is long gone only who "
              "freed it is kept\n",
              out);
    } else if (!allocated) {
        fputs("  ", out);
        if (moves > 0) {
            fprintf(out, "moved %" PRIu64 " time%s before that; ", moves, rg_plural(moves));
        }
        fprintf(out,
                "who allocated it was dropped: such details are kept of the last %" PRIu64
                " blocks that realloc moved; the option history=N keeps those of the last N\n",
                rg_value_number_or_0(block, "history"));
    } else {
        fputs("  allocated (", out);
        put_bytes(out, rg_value_number_or_0(allocated, "size"));
        fputs(")", out);
        put_by_thread(out, allocated, " ");
        if (moves > 0) {
            fprintf(out, ", and moved %" PRIu64 " time%s before that", moves, rg_plural(moves));
        }
        fputs("\n", out);
        put_stack(out, allocated);
    }
}

static void put_step(FILE *out, const struct rg_value *step) {
    uint64_t calls = rg_value_number_or_0(step, "calls");
    uint64_t size = rg_value_number_or_0(step, "size");
    const char *place = rg_value_text(step, "place");
    if (is_text(step, "step", "left-out")) {
        fprintf(out, "               ...  %" PRIu64 " more move%s\n", calls, rg_plural(calls));
        return;
    }
    if (is_text(step, "step", "used")) {
        fputs("                =>  the pointer that was used is from here\n", out);
        return;
    }
    if (is_text(step, "step", "live") || is_text(step, "step", "freed")) {
        bool is_live = is_text(step, "step", "live");
        fputs(is_live ? "                    live today" : "                    freed", out);
    } else if (size > 0) {
        fprintf(out, "%10" PRIu64 " byte%s  ", size, size == 1 ? " " : "s");
    } else {
        fputs("         ? bytes  ", out);
    }
    if (is_text(step, "step", "unknown")) {
        fputs("what was before is not known any more", out);
    } else if (is_text(step, "step", "allocated")) {
        fputs("allocated", out);
    } else if (is_text(step, "step", "moved")) {
        fputs("moved", out);
        if (calls > 1) {
            fprintf(out, " %" PRIu64 " times", calls);
        }
    }
    if (place) {
        fputs(" at ", out);
        put(out, place);
    }
    if (is_text(step, "step", "moved") && calls > 1) {
        fprintf(out, ", first to %" PRIu64, rg_value_number_or_0(step, "first_size"));
    }
    fputs("\n", out);
}

static void put_block(FILE *out, const struct rg_value *v, const struct rg_value *block) {
    const struct rg_value *shrunk = rg_value_at(block, "shrunk");
    const struct rg_value *life = rg_value_at(v, "life");
    put_end(out, block);
    if (rg_value_text(v, "hint")) {
        fputs("       ", out);
        put(out, rg_value_text(v, "hint"));
        fputs("\n", out);
    }
    if (rg_value_at(v, "today")) {
        put_today(out, rg_value_at(v, "today"));
    }
    if (shrunk) {
        fprintf(out, "  made smaller by realloc, from %" PRIu64 " to %" PRIu64 " bytes\n",
                rg_value_number_or_0(shrunk, "from_size"), rg_value_number_or_0(block, "size"));
        put_stack(out, shrunk);
    }
    // Who has allocated a leaked block is told by then, unless realloc has moved it.
    if (!is_text(v, "trouble", "leak") || rg_value_number_or_0(block, "moves_before") > 0) {
        put_allocated(out, block);
    }
    if (life) {
        fputs("  life of the block\n", out);
        for (const struct rg_value *step = life->first; step; step = step->next) {
            put_step(out, step);
        }
    }
}

void rg_convert_text_body(FILE *out, const struct rg_value *v) {
    const struct rg_value *failed = rg_value_at(v, "failed_realloc");
    const struct rg_value *block = rg_value_at(v, "block");
    if (is_text(v, "trouble", "lost")) {
        put_lost(out, v);
    } else if (is_text(v, "trouble", "overrun")) {
        put_overrun(out, v);
    } else if (is_text(v, "trouble", "leak")) {
        put_leak(out, v);
    } else {
        put_access(out, v);
    }
    if (failed) {
        fputs("  failed: this realloc to ", out);
        put_bytes(out, rg_value_number_or_0(failed, "size"));
        fputs(", the last one of the thread, which returned NULL\n", out);
        put_stack(out, failed);
    }
    if (block) {
        put_block(out, v, block);
    }
}
