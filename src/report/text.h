// SPDX-License-Identifier: MIT
// The words of a report. Everything a person reads is worded in text.c and advice.c.
#ifndef RG_REPORT_TEXT_H
#define RG_REPORT_TEXT_H

#include "base/fmt.h"
#include "report/finding.h"
#include "report/frames.h"

// A finding with its stacks in words.
enum { RG_STORY_STEPS = 2 * RG_LINEAGE_KEPT, RG_STORY_PLACE = 120 };

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
};

void rg_text_put_report(struct rg_buf *b, const struct rg_story *s);

// The life of the block, step by step, where it was moved more than once.
void rg_text_put_life(struct rg_buf *b, const struct rg_story *s);

// What is behind the end of a block, and was accessed or found changed: of the headline what follows the place, of the
// report the paragraphs on that, and the advice.
void rg_text_put_past_end_headline(struct rg_buf *b, const struct rg_story *s);
void rg_text_put_overrun(struct rg_buf *b, const struct rg_story *s);
void rg_text_put_past_end_advice(struct rg_buf *b, const struct rg_story *s);

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
