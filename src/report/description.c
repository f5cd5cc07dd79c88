// SPDX-License-Identifier: MIT
// See description.h. No state.
#include "report/description.h"

#include "base/options.h"
#include "base/sys.h"
#include "report/note.h"
#include "report/sink.h"

#include <string.h>

static const char *const states[] = {
    [RG_BLOCK_UNUSED] = "which was never handed out",
    [RG_BLOCK_LIVE] = "which is live",
    [RG_BLOCK_MOVING] = "which a thread is in realloc with",
    [RG_BLOCK_FREE] = "which is free",
    [RG_BLOCK_MOVED] = "which realloc has moved away",
    [RG_BLOCK_RELEASED] = "which realloc(pointer, 0) has freed",
    [RG_BLOCK_ENDED] = "which is free",
};

static void put_headline(struct rg_buf *b, const struct rg_finding *f) {
    rg_buf_fmt(b, "==%d== realloc_guard: 0x%lx is ", rg_getpid(), f->address);
    if (!f->has_block) {
        rg_buf_str(b, "in no block that the guard has handed out\n");
        return;
    }
    rg_text_put_position(b, f);
    rg_buf_fmt(b, " at 0x%lx, %s", f->block.address, states[f->block.state]);
    if (!f->block.is_brief) {
        rg_buf_fmt(b, " (from %s)", rg_text_family(f->block.family));
    }
    rg_buf_str(b, "\n");
}

void rg_description_put(struct rg_buf *b, const struct rg_story *s) {
    const struct rg_block_facts *block = &s->finding->block;
    put_headline(b, s->finding);
    if (s->finding->has_block && !rg_finding_has_end(s->finding)) {
        if (block->moved_from) {
            rg_buf_fmt(b, "  moved here by realloc, from 0x%lx, by thread %u\n", block->moved_from,
                       block->alloc_thread);
            rg_text_put_frames(b, s, &s->moved);
        }
        if (block->state == RG_BLOCK_LIVE && block->end_stack) {
            rg_buf_str(b, "  the last realloc of it failed, and left it as it was\n");
            rg_text_put_frames(b, s, &s->ended);
        }
    }
    rg_text_put_block(b, s);
}

static void put_stack(struct rg_buf *b, const char *what, uint32_t id, uint16_t thread) {
    if (id == 0) {
        return;
    }
    uintptr_t pcs[RG_STACK_DEPTH_MAX];
    struct rg_stack stack = rg_depot_get((struct rg_stack_id){id}, pcs, RG_STACK_DEPTH_MAX);
    rg_buf_fmt(b, "  %s by thread %u:", what, thread);
    for (size_t i = 0; i < stack.count; i++) {
        rg_buf_fmt(b, " 0x%lx", stack.pcs[i]);
    }
    rg_buf_str(b, "\n");
}

void rg_description_put_brief(struct rg_buf *b, const struct rg_finding *f) {
    const struct rg_block_facts *block = &f->block;
    put_headline(b, f);
    if (!f->has_block) {
        return;
    }
    rg_buf_str(b, "  the guard is in the middle of its work, so that code is told by its "
                  "addresses; under gdb `info symbol ADDRESS` names them\n");
    if (!rg_finding_has_end(f)) {
        put_stack(b, block->moved_from ? "moved here" : "allocated", block->alloc_stack,
                  block->alloc_thread);
    } else {
        put_stack(b, block->state == RG_BLOCK_MOVED ? "moved away" : "freed", block->end_stack,
                  block->end_thread);
    }
    if (block->state == RG_BLOCK_MOVED && f->today == RG_TODAY_LIVE) {
        rg_buf_fmt(b, "  today the block is live at 0x%lx (", f->today_address);
        rg_text_put_bytes(b, f->today_size);
        rg_buf_str(b, ")\n");
    } else if (block->state == RG_BLOCK_MOVED) {
        rg_buf_str(b, "  today the block is gone\n");
        put_stack(b, "freed", f->end_stack, f->end_thread);
    }
    if (f->origin.address != block->address || rg_finding_has_end(f)) {
        put_stack(b, "allocated", f->origin.alloc_stack, f->origin.alloc_thread);
    }
}

// The line that a text begins with names the process and the guard by itself.
static const char *skip_head(const char *text) {
    const char *colon = strchr(text, ':');
    return colon ? colon + 2 : text;
}

// A note's text ends without a newline.
static void end_note(struct rg_buf *b) {
    b->data[b->len > 0 ? b->len - 1 : 0] = 0;
}

void rg_description_write(const struct rg_buf *b) {
    struct rg_buf said = *b;
    if (rg_options.format == RG_FORMAT_TEXT) {
        rg_sink_write(b->data, b->len);
        return;
    }
    end_note(&said);
    rg_note_write(&(struct rg_note){.topic = "description", .text = skip_head(said.data)});
}

void rg_description_write_brief(const struct rg_buf *b) {
    char line[2 * RG_DESCRIPTION_BRIEF];
    struct rg_buf said = *b, note;
    if (rg_options.format == RG_FORMAT_TEXT) {
        rg_sink_write(b->data, b->len);
        return;
    }
    end_note(&said);
    rg_buf_init(&note, line, sizeof line);
    rg_json_put_note(&note,
                     &(struct rg_note){.topic = "description", .text = skip_head(said.data)});
    rg_sink_write(note.data, note.len);
}
