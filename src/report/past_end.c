// SPDX-License-Identifier: MIT
// What is behind the end of a block, in words: an access there, caught at the instruction, or bytes that are found to have
// been written at some time. Pure.
#include "report/text.h"

// Whether the access is to what realloc has cut off.
static bool is_in_tail(const struct rg_finding *f) {
    return f->address - (f->block.address + f->block.size) < f->cut_off;
}

static void put_block(struct rg_buf *b, const struct rg_story *s) {
    rg_buf_str(b, "a block of ");
    rg_text_put_bytes(b, s->finding->block.size);
    rg_buf_str(b, " from ");
    rg_text_put_place(b, &s->born);
}

void rg_text_put_past_end_headline(struct rg_buf *b, const struct rg_story *s) {
    const struct rg_finding *f = s->finding;
    if (f->trouble == RG_TROUBLE_OVERRUN) {
        rg_buf_str(b, " finds that something has written past the end of ");
        put_block(b, s);
        return;
    }
    size_t behind = f->address - (f->block.address + f->block.size);
    rg_buf_str(b, " is ");
    rg_text_put_bytes(b, behind);
    if (is_in_tail(f)) {
        rg_buf_str(b, " into the tail that realloc cut off at ");
        rg_text_put_place(b, &s->moved);
    } else {
        rg_buf_str(b, " past the end of ");
        put_block(b, s);
    }
}

void rg_text_put_overrun(struct rg_buf *b, const struct rg_story *s) {
    const struct rg_finding *f = s->finding;
    rg_buf_fmt(b, "  %s%s", f->operation >= RG_OP_FORK ? "at " : "",
               rg_text_operation(f->operation));
    rg_buf_fmt(b, " %s 0x%lx, byte %zu was found changed, ",
               f->operation >= RG_OP_FORK ? "of the process, behind" : "of", f->block.address,
               f->block.size + f->damage_first);
    if (f->damage_first == 0) {
        rg_buf_str(b, "the first past the end of the block of ");
    } else {
        rg_buf_fmt(b, "%zu past the end of the block of ", f->damage_first);
    }
    rg_text_put_bytes(b, f->block.size);
    if (f->damage_count > 1) {
        rg_buf_fmt(b, ", and %zu more", f->damage_count - 1);
    }
    rg_buf_fmt(b, ", by thread %u (tid %d, \"%s\")\n", f->thread, f->tid, f->thread_name);
    if (f->operation < RG_OP_FORK) {
        rg_text_put_frames(b, s, &s->access);
    }
}

void rg_text_put_past_end_advice(struct rg_buf *b, const struct rg_story *s) {
    const struct rg_finding *f = s->finding;
    if (f->trouble == RG_TROUBLE_BEYOND && is_in_tail(f)) {
        rg_buf_str(b, "what is behind the new size is no longer the block's after the realloc at ");
        rg_text_put_place(b, &s->moved);
        rg_buf_str(b, "; use it before that, or do not cut it off.");
    } else if (f->trouble == RG_TROUBLE_BEYOND) {
        rg_buf_fmt(b, "the block has %zu bytes; check the size that was asked for, and the index.",
                   f->block.size);
    } else if (f->damage_first == 0 && f->damage_count == 1) {
        rg_buf_str(b, "one byte too many is most often the zero that ends a string: ask for its "
                      "length and 1 more.");
    } else {
        rg_buf_fmt(b,
                   "look where the block is filled: more is stored than the %zu bytes that were "
                   "asked for.",
                   f->block.size);
    }
}
