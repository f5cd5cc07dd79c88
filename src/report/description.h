// SPDX-License-Identifier: MIT
// What is known of an address, for who asks (realloc_guard.h): its words, and where they go.
#ifndef RG_REPORT_DESCRIPTION_H
#define RG_REPORT_DESCRIPTION_H

#include "report/text.h"

// Bytes that hold any brief one.
enum { RG_DESCRIPTION_BRIEF = 8 * 1024 };

// Of an address for which there is a story. Pure.
void rg_description_put(struct rg_buf *b, const struct rg_story *s);

// Where nothing may be looked up: stacks as addresses, and no life. Lock-free, async-signal-safe; needs no large stack.
void rg_description_put_brief(struct rg_buf *b, const struct rg_finding *f);

// Writes what was put to where reports go, for machines as a note. With the REPORT lock held, or for a brief one.
void rg_description_write(const struct rg_buf *b);
void rg_description_write_brief(const struct rg_buf *b);

#endif
