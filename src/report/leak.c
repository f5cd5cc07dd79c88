// SPDX-License-Identifier: MIT
// Blocks that are leaked, in words: those that one place has allocated, or moved to where they are. Pure.
#include "report/text.h"

static void put_amount(struct rg_buf *b, size_t bytes, size_t blocks) {
    rg_text_put_bytes(b, bytes);
    rg_buf_fmt(b, " in %zu block%s", blocks, blocks == 1 ? "" : "s");
}

void rg_text_put_leak_headline(struct rg_buf *b, const struct rg_story *s) {
    const struct rg_finding *f = s->finding;
    rg_buf_fmt(b, " %s ", f->moves_before > 0 ? "reallocated" : "allocated");
    if (f->leaked_blocks > 0) {
        put_amount(b, f->leaked_bytes, f->leaked_blocks);
        rg_buf_str(b, " that nothing points to any more");
    }
    if (f->leaked_blocks > 0 && f->indirect_blocks > 0) {
        rg_buf_str(b, ", and ");
    }
    if (f->indirect_blocks > 0) {
        put_amount(b, f->indirect_bytes, f->indirect_blocks);
        rg_buf_str(b, " that only leaked blocks point to");
    }
}

void rg_text_put_leak(struct rg_buf *b, const struct rg_story *s) {
    const struct rg_finding *f = s->finding;
    rg_buf_str(b, f->leaked_blocks > 0 ? "  leaked at the end of the process, "
                                       : "  leaked indirectly at the end of the process, ");
    if (f->leaked_blocks + f->indirect_blocks > 1) {
        rg_buf_fmt(b, "the largest of these blocks%s: ",
                   f->leaked_blocks > 0 && f->indirect_blocks > 0 ? " that nothing points to" : "");
    }
    rg_text_put_bytes(b, f->block.size);
    rg_buf_fmt(b, " at 0x%lx, by thread %u\n", f->address, f->block.alloc_thread);
    rg_text_put_frames(b, s, &s->access);
}

void rg_text_put_leak_advice(struct rg_buf *b, const struct rg_story *s) {
    const struct rg_finding *f = s->finding;
    if (f->leaked_blocks == 0) {
        rg_buf_str(b, "what points to these blocks is leaked itself: see to that first, and that "
                      "it is freed with "
                      "all that it owns.");
    } else {
        rg_buf_str(b, "the last pointer was overwritten, or went with the function or the block "
                      "that held it: free "
                      "the block before that, or keep the pointer.");
    }
}
