// SPDX-License-Identifier: MIT
// The words of a report. Everything a person reads is worded in text.c and advice.c.
#ifndef RG_REPORT_TEXT_H
#define RG_REPORT_TEXT_H

#include "base/fmt.h"
#include "report/finding.h"
#include "report/frames.h"

// A finding with its stacks in words.
struct rg_story {
    const struct rg_finding *finding;
    struct rg_frames access; // or the call
    struct rg_frames moved;  // the realloc that vacated the address; or what freed the block
    struct rg_frames ended;  // what ended the moved block
    struct rg_frames born;   // what allocated it
    int pid;
    int history; // the option
    bool color;
};

void rg_text_put_report(struct rg_buf *b, const struct rg_story *s);

// One sentence on what to do.
void rg_text_put_advice(struct rg_buf *b, const struct rg_story *s);

// "FILE:LINE", "FUNCTION (MODULE)", or "MODULE+0xOFFSET": the first frame of the person's own code.
void rg_text_put_place(struct rg_buf *b, const struct rg_frames *r);

#endif
