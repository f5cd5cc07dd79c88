// SPDX-License-Identifier: MIT
// The words of a report. Everything a person reads is worded in text.c and advice.c.
#ifndef RG_REPORT_TEXT_H
#define RG_REPORT_TEXT_H

#include "base/fmt.h"
#include "report/finding.h"
#include "report/frames.h"

// A finding with its stacks in words.
enum {
    RG_STORY_STEPS = 2 * RG_LINEAGE_KEPT,
    RG_STORY_PLACE = 120,      // bytes of a place, as far as it is kept of a step
    RG_STORY_FULL_PLACE = 340, // and that hold any place
};

struct rg_story {
    const struct rg_finding *finding;
    struct rg_frames access; // or the call
    // The realloc that vacated the address, cut off the tail, or has failed; or what freed the block.
    struct rg_frames moved;
    struct rg_frames ended; // what ended the moved block
    struct rg_frames born;  // what allocated it
    // Where the steps of the block's life were taken; of a lineage that leaves some out, the last steps follow the
    // first ones.
    char before[RG_STORY_STEPS][RG_STORY_PLACE];
    char after[RG_STORY_STEPS][RG_STORY_PLACE];
    int pid;
    int history; // the option
    bool color;
    // It is no misuse, but what somebody asks for. `moved` is then, of a live block, what moved it here; `ended` the last
    // realloc of it, if that failed.
    bool is_description;
};

void rg_text_put_report(struct rg_buf *b, const struct rg_story *s);

// Of its first line what follows the kind: who did what.
void rg_text_put_message(struct rg_buf *b, const struct rg_story *s);

// Where the address lies, relative to the block that owns it.
void rg_text_put_position(struct rg_buf *b, const struct rg_finding *f);

// What became of the block, how it came to be, and its life.
void rg_text_put_block(struct rg_buf *b, const struct rg_story *s);

// Why the program may seem to work without the guard, or NULL.
const char *rg_text_hint(const struct rg_finding *f);

// The life of the block, step by step, where that is long.
void rg_text_put_life(struct rg_buf *b, const struct rg_story *s);

// Whether the block was moved more than once: otherwise the rest of the report says it all.
bool rg_life_is_long(const struct rg_story *s);

// The steps of a long life.
struct rg_life_step {
    enum rg_life_event {
        RG_LIFE_ALLOCATED,
        RG_LIFE_UNKNOWN,  // what was before is not known any more
        RG_LIFE_MOVED,    // by one call of realloc or more, all from one place
        RG_LIFE_LEFT_OUT, // so many calls, in the middle
        RG_LIFE_USED,     // the pointer that was used is from here
        RG_LIFE_LIVE,     // today
        RG_LIFE_FREED,
    } event;
    size_t size;       // after the step; 0: not known
    size_t first_size; // after its first call; 0: not known
    size_t calls;
    const char *place; // NULL: not known any more, or none
};
// Calls fn for each, oldest first.
void rg_life_each(const struct rg_story *s, void (*fn)(void *arg, const struct rg_life_step *step),
                  void *arg);

// What is behind the end of a block, and was accessed or found changed: of the headline what follows the place, of the
// report the paragraphs on that, and the advice.
void rg_text_put_past_end_headline(struct rg_buf *b, const struct rg_story *s);
void rg_text_put_overrun(struct rg_buf *b, const struct rg_story *s);
void rg_text_put_past_end_advice(struct rg_buf *b, const struct rg_story *s);

// Blocks that nothing leads to any more: as above; the whole headline behind the kind.
void rg_text_put_leak_headline(struct rg_buf *b, const struct rg_story *s);
void rg_text_put_leak(struct rg_buf *b, const struct rg_story *s);
void rg_text_put_leak_advice(struct rg_buf *b, const struct rg_story *s);

void rg_text_put_frames(struct rg_buf *b, const struct rg_story *s, const struct rg_frames *r);
void rg_text_put_bytes(struct rg_buf *b, size_t n);
// What the program called.
const char *rg_text_operation(enum rg_operation operation);

// "malloc", "operator new" or "operator new[]".
const char *rg_text_family(enum rg_family family);

// One sentence on what to do.
void rg_text_put_advice(struct rg_buf *b, const struct rg_story *s);

// "FILE:LINE", "FUNCTION (MODULE)", or "MODULE+0xOFFSET": the first frame of the person's own code.
void rg_text_put_place(struct rg_buf *b, const struct rg_frames *r);

#endif
